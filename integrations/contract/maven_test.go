package contract

// maven is the sample of the maven format.
func maven() sample { return sample{} }
