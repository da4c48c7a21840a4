package contract

// npm is the sample of the npm format.
func npm() sample { return sample{} }
