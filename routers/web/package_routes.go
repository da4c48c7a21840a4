package web

// packageRoutes are the pages of registries and packages, and the tags that
// packages are made from.
func (p *Pages) packageRoutes() []Route {
	return nil
}
