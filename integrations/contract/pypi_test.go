package contract

// pypi is the sample of the pypi format.
func pypi() sample { return sample{} }
