package view

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed assets/app.css assets/app.js assets/fill.js assets/logo.svg assets/vendor
var assetFiles embed.FS

type asset struct {
	body  []byte
	media string
}

// Assets serves the embedded files under /assets/<sha8>/<name>.
type Assets struct {
	urls  map[string]string // name -> address
	files map[string]asset  // address -> file
}

// mediaTypes is what we serve; a file of another kind stops the start.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2",
}

var cssURL = regexp.MustCompile(`url\("([^"]+)"\)`)

// loadAssets reads the embedded files. The style sheet comes last, because the addresses of its fonts are written into
// it and so into its own checksum.
func loadAssets() (*Assets, error) {
	a := &Assets{urls: map[string]string{}, files: map[string]asset{}}
	for _, name := range []string{"app.js", "fill.js", "logo.svg", "vendor/htmx.js", "vendor/atkinson-latin.woff2", "vendor/atkinson-latin-ext.woff2"} {
		body, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return nil, err
		}
		if err := a.add(name, body); err != nil {
			return nil, err
		}
	}
	css, err := assetFiles.ReadFile("assets/app.css")
	if err != nil {
		return nil, err
	}
	var missing error
	css = cssURL.ReplaceAllFunc(css, func(m []byte) []byte {
		name := string(cssURL.FindSubmatch(m)[1])
		if a.urls[name] == "" {
			missing = fmt.Errorf("view: app.css asks for %s, which is no asset", name)
		}
		return []byte(`url("` + a.urls[name] + `")`)
	})
	if missing != nil {
		return nil, missing
	}
	return a, a.add("app.css", css)
}

func (a *Assets) add(name string, body []byte) error {
	media := mediaTypes[path.Ext(name)]
	if media == "" {
		return fmt.Errorf("view: asset %s has no media type", name)
	}
	sum := sha256.Sum256(body)
	url := "/assets/" + hex.EncodeToString(sum[:4]) + "/" + path.Base(name)
	a.urls[name], a.files[url] = url, asset{body, media}
	return nil
}

// URL is the address of an asset by its name ("app.css"); an unknown name is an error.
func (a *Assets) URL(name string) (string, error) {
	if u := a.urls[name]; u != "" {
		return u, nil
	}
	return "", fmt.Errorf("view: no asset %q", name)
}

// ServeHTTP gives a file for GET and HEAD. An address whose checksum is not the current one is not found, so that a
// cache never keeps a file under the wrong name.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	etag := `"` + strings.Split(r.URL.Path, "/")[2] + `"`
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(f.body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.body) // the reader has gone: nothing to do
	}
}
