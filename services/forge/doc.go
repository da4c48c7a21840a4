// Package forge is the embedded forge: accounts, companies, projects with
// repositories, their members, tokens and sessions, on models/accounts. It is
// the first implementation of modules/forge and has no privilege that another
// one would lack.
//
// # Rights
//
// An actor's role in a scope is the highest that one of these lines gives:
//
//	scope    | who                                        | role
//	---------|--------------------------------------------|---------------
//	any      | an administrator of the service            | owner
//	service  | whoever signed in; without signing in only | guest
//	         | where service-wide packages are public     |
//	user     | the user                                   | owner
//	         | everybody                                  | guest
//	company  | a member                                   | the member's
//	         | everybody, if the company is public        | guest
//	project  | a member of the project                    | the member's
//	         | the user who owns it                       | owner
//	         | a member of the company that owns it       | the company's
//	         | everybody, if the project is public        | guest
//
// What a private company owns is private, whatever the project says of itself.
// A blocked account can do nothing, not even read what is public: its password,
// its tokens and its sessions are refused; what it has published stays.
//
// These functions do not ask whether their caller may call them; that gate is
// services/access. The one rule they keep themselves is that nobody gives,
// takes or changes a role above their own.
//
// # Currency
//
// Answers are remembered in generations. A generation is dropped as soon as
// the database's access epoch differs, which every change of rights raises in
// its own transaction, so a change by another process counts like one by this
// one. Begin reads the epoch once for a whole request: its rights are those at
// the moment when it began, or after its own last change.
package forge
