package web

// forgeRoutes are the pages of the forge itself: accounts, companies,
// projects, repositories, administration.
func (p *Pages) forgeRoutes() []Route {
	return nil
}
