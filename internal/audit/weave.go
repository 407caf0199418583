package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindred/internal/db"
)

// pace is how often the sequencer looks for new entries. With the batch itself it keeps an entry unwoven for less than
// a second.
const pace = 400 * time.Millisecond

// Weave gives the oldest unwoven entries, a batch of them, their sequence numbers and appends them to the tree. It answers
// how many it wove. Any number of nodes may call it at once: they take turns. It refuses with ErrInconsistent to build on
// a tree whose stored edge does not give its stored root.
func (s *Service) Weave(ctx context.Context) (int, error) {
	n := 0
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		at, err := lockHead(tx)
		if err != nil {
			return err
		}
		entries, err := pending(tx)
		if err != nil || len(entries) == 0 {
			return err
		}
		n = len(entries)
		return grow(tx, at, entries)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// grow weaves entries onto the tree at a head.
func grow(tx *db.Tx, at Tree, entries []Entry) error {
	e, err := loadEdge(tx, at.Size)
	if err != nil {
		return ErrInconsistent.Because(err)
	}
	if found := e.tree(); found != at {
		return ErrInconsistent.Because(fmt.Errorf("audit: the stored edge gives %s, not %s at %d", found.Root, at.Root, at.Size))
	}
	var tiles []tile
	e.full = func(t tile) { tiles = append(tiles, t) }
	for _, entry := range entries {
		e.add(entry.hash())
	}
	if err := number(tx, entries, at.Size+1); err != nil {
		return err
	}
	if err := saveTiles(tx, append(tiles, e.rest()...)); err != nil {
		return err
	}
	return saveHead(tx, e.tree())
}

// WeaveAll weaves until nothing waits.
func (s *Service) WeaveAll(ctx context.Context) error {
	for {
		n, err := s.Weave(ctx)
		if err != nil || n < batch {
			return err
		}
	}
}

// Waiting tells how many entries are not woven yet, counted up to a batch.
func (s *Service) Waiting(ctx context.Context) (n int, err error) {
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		n, err = waiting(tx, batch)
		return err
	})
	return n, err
}

// Run is the sequencer: it weaves until the context ends, then what is left. It also signs a checkpoint each hour in
// which the log grew. A failure is logged and tried again.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := s.WeaveAll(last); err != nil {
				log.Error("audit: weaving at the end", "error", err)
			}
			return
		case <-ticker.C:
			s.turn(ctx, log)
		case <-hourly.C:
			if _, err := s.Checkpoint(ctx); err != nil && ctx.Err() == nil {
				log.Error("audit: checkpoint", "error", err)
			}
		}
	}
}

// turn weaves what waits. It looks before it locks, so that an idle registry writes nothing.
func (s *Service) turn(ctx context.Context, log *slog.Logger) {
	n, err := s.Waiting(ctx)
	if err == nil && n > 0 {
		err = s.WeaveAll(ctx)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("audit: weaving", "error", err)
	}
}

// Checkpoint weaves what waits and signs the head of the tree. It answers ErrInconsistent, and signs nothing, where the
// last checkpoint is not a prefix of the tree. For the operator's command line and the sequencer; pages use Head.
func (s *Service) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if err := s.WeaveAll(ctx); err != nil {
		return Checkpoint{}, err
	}
	var c Checkpoint
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		at, err := lockHead(tx)
		if err != nil {
			return err
		}
		last, ok, err := lastCheckpoint(tx)
		if err != nil {
			return err
		}
		if ok {
			if err := prefix(tx, last, at); err != nil {
				return err
			}
		}
		if c, err = sign(at, s.vault.Signer()); err != nil {
			return err
		}
		return saveCheckpoint(tx, c)
	})
	return c, err
}

// prefix proves, from the stored tiles, that a checkpoint is a prefix of the tree.
func prefix(tx *db.Tx, old checkpointRow, at Tree) error {
	root, err := decodeRoot(old.Root)
	if err != nil {
		return ErrInconsistent.Because(err)
	}
	if old.Size > at.Size || old.Size == at.Size && root != at.Root {
		return ErrInconsistent.Because(fmt.Errorf("audit: the last checkpoint has %d entries, the tree %d", old.Size, at.Size))
	}
	if old.Size == 0 || old.Size == at.Size {
		return nil
	}
	proof, err := tlog.ProveTree(at.Size, old.Size, tiles(tx))
	if err == nil {
		err = tlog.CheckTree(proof, at.Size, at.Root, old.Size, root)
	}
	if err != nil {
		return ErrInconsistent.Because(err)
	}
	return nil
}

func tiles(tx *db.Tx) tlog.HashReader {
	return hashes(func(level int, number int64) ([]byte, error) { return loadTile(tx, level, number) })
}
