package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is the height of a tile: 256 hashes, 8 KiB, as in c2sp.org/tlog-tiles.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// Tree is a head: how many leaves, and the root over them.
type Tree struct {
	Size int64
	Root tlog.Hash
}

// tile is the hashes at one place of the tree, full or, at the right edge, not yet.
type tile struct {
	level  int
	number int64
	hashes []byte
}

// edge is the right edge of a tree: the tile of each level that is not full. It is all that is needed to append.
type edge struct {
	size   int64
	levels [][]byte
	full   func(tile) // told of each tile that became full
}

// width is how many hashes the unfinished tile of a level holds in a tree of a size.
func width(size int64, level int) int { return int(size >> (tileHeight * level) & (tileWidth - 1)) }

// place is the number of the unfinished tile of a level in a tree of a size.
func place(size int64, level int) int64 { return size >> (tileHeight * (level + 1)) }

// height is how many levels of tiles a tree of a size has.
func height(size int64) int {
	n := 0
	for ; size > 0; size >>= tileHeight {
		n++
	}
	return n
}

// add appends a leaf.
func (e *edge) add(h tlog.Hash) {
	e.size++
	for level := 0; ; level++ {
		if level == len(e.levels) {
			e.levels = append(e.levels, nil)
		}
		e.levels[level] = append(e.levels[level], h[:]...)
		hashes := e.levels[level]
		if len(hashes) < tileWidth*tlog.HashSize {
			return
		}
		if e.full != nil {
			e.full(tile{level, place(e.size, level) - 1, hashes})
		}
		h = perfect(hashes)
		e.levels[level] = nil
	}
}

// rest gives the tiles that are not full.
func (e *edge) rest() []tile {
	var tiles []tile
	for level, hashes := range e.levels {
		if len(hashes) > 0 {
			tiles = append(tiles, tile{level, place(e.size, level), hashes})
		}
	}
	return tiles
}

// tree is the head over all that was added: the perfect subtrees, from the largest on the left to the smallest, folded
// from the right.
func (e *edge) tree() Tree {
	var subtrees []tlog.Hash
	for level := len(e.levels) - 1; level >= 0; level-- {
		hashes := e.levels[level]
		for n := tileWidth; n > 0; n >>= 1 {
			if len(hashes)/tlog.HashSize&n != 0 {
				subtrees = append(subtrees, perfect(hashes[:n*tlog.HashSize]))
				hashes = hashes[n*tlog.HashSize:]
			}
		}
	}
	if len(subtrees) == 0 {
		return emptyTree
	}
	root := subtrees[len(subtrees)-1]
	for i := len(subtrees) - 2; i >= 0; i-- {
		root = tlog.NodeHash(subtrees[i], root)
	}
	return Tree{e.size, root}
}

// perfect is the root over a power of two of hashes.
func perfect(hashes []byte) (h tlog.Hash) {
	if len(hashes) == tlog.HashSize {
		copy(h[:], hashes)
		return h
	}
	half := len(hashes) / 2
	return tlog.NodeHash(perfect(hashes[:half]), perfect(hashes[half:]))
}

// emptyTree is the head of a tree without leaves.
var emptyTree = func() Tree {
	root, err := tlog.TreeHash(0, tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, nil }))
	if err != nil {
		panic(err) // it reads nothing
	}
	return Tree{0, root}
}()

// hashes reads single hashes out of tiles, for proofs. load gives a tile's bytes, full or not.
func hashes(load func(level int, number int64) ([]byte, error)) tlog.HashReader {
	type key struct {
		level  int
		number int64
	}
	known := map[key][]byte{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			k := key{t.L, t.N}
			if known[k] == nil {
				b, err := load(t.L, t.N)
				if err != nil {
					return nil, err
				}
				known[k] = b
			}
			if t.W = len(known[k]) / tlog.HashSize; t.W == 0 || len(known[k])%tlog.HashSize != 0 {
				return nil, fmt.Errorf("audit: tile %d/%d holds no whole hashes", t.L, t.N)
			}
			var err error
			if found[i], err = tlog.HashFromTile(t, known[k], index); err != nil {
				return nil, fmt.Errorf("audit: %w", err)
			}
		}
		return found, nil
	})
}
