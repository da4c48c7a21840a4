package contract

// container is the sample of the container format.
func container() sample { return sample{} }
