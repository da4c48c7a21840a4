package forge

import (
	"context"
	"maps"
	"sync"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
)

// uses collects when tokens were last used, so that no request has to write.
// What a crash loses of it is a few seconds of a time that is shown to people.
type uses struct {
	mu   sync.Mutex
	last map[int64]int64 // time by token
}

func (u *uses) note(token, now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = make(map[int64]int64)
	}
	u.last[token] = now
}

// take empties the collection.
func (u *uses) take() map[int64]int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.last
	u.last = nil
	return last
}

// putBack returns what could not be stored, unless it was used since.
func (u *uses) putBack(last map[int64]int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.Copy(last, u.last)
	u.last = last
}

// Flush stores the last uses of tokens that were collected. It changes no
// rights, so it leaves the epoch alone.
func (f *Forge) Flush(ctx context.Context) error {
	last := f.used.take()
	if len(last) == 0 {
		return nil
	}
	err := f.db.Note(ctx, func(tx *db.Tx) error {
		for token, used := range last {
			if err := accounts.TouchToken(ctx, tx, token, used); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.used.putBack(last)
	}
	return err
}
