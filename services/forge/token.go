package forge

import (
	"context"

	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// NewToken is what a token may do.
type NewToken = host.NewToken

// Token is what the list of an account's tokens shows of one.
type Token struct {
	host.IssuedToken
	Limit *scope.Scope // what Within names
}

// CreateToken is Issue for whoever has proven to be the account itself.
func (f *Forge) CreateToken(ctx context.Context, account int64, n NewToken) (secret string, err error) {
	secret, _, err = f.Issue(ctx, host.Actor{ID: account}, n)
	return secret, err
}

// Tokens lists an account's tokens, the newest first.
func (f *Forge) Tokens(ctx context.Context, account int64) ([]Token, error) {
	list, err := f.Issued(ctx, host.Actor{ID: account})
	if err != nil {
		return nil, err
	}
	var refs []scope.Ref
	for _, t := range list {
		if t.Within != nil {
			refs = append(refs, *t.Within)
		}
	}
	limits, err := f.Scopes(ctx, refs)
	out := make([]Token, len(list))
	for i, t := range list {
		out[i].IssuedToken = t
		if t.Within == nil {
			continue
		}
		if s, ok := limits[*t.Within]; ok {
			out[i].Limit = &s
		}
	}
	return out, err
}

// RevokeToken is Revoke for whoever has proven to be the account itself.
func (f *Forge) RevokeToken(ctx context.Context, account, id int64) error {
	return f.Revoke(ctx, host.Actor{ID: account}, id)
}
