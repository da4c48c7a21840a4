package web

import (
	"cmp"
	"html/template"
	"io"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/git"
	"ingot.dev/modules/markup"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// codePage shows a directory or a file of a project's repository.
type codePage struct {
	templates.Page
	Project embedded.Project
	Root    bool // of the tree: the project's front page
	Clone   string
	Refs    templates.Menu
	Path    []templates.Crumb
	Commit  git.Commit
	AtHash  string // address of the tree at the commit
	Log     string // address of the commits
	Entries []treeEntry
	More    int // entries that are not shown
	Readme  *folderReadme
	File    *fileView
	Begin   []format.Task // what to type where nothing was pushed yet
}

type treeEntry struct {
	git.Entry
	URL  string // empty where there is nothing to show
	Icon string
	Word string // what is special about it
}

type folderReadme struct {
	Name string
	HTML template.HTML
}

// fileView is one file, in the one way it can be shown.
type fileView struct {
	git.Entry
	Raw      string        // address of its bytes
	Lines    template.HTML // its text, numbered and coloured
	Rendered template.HTML // its text as it is meant to look
	Source   string        // address of the same as lines; empty where there is no choice
	Looks    string        // address of the same as rendered
	Picture  bool
	Target   string // of a symbolic link
	Notice   string // why none of these
}

// maxEntries is how many entries of a directory are shown.
const maxEntries = 1000

// code is the front page of a project.
func (c *call) code() error { return c.showTree("") }

func (c *call) tree() error { return c.showTree(c.params.Value("path")) }

func (c *call) showTree(file string) error {
	ctx := c.r.Context()
	s, err := c.source()
	if err != nil {
		return err
	}
	defer s.Close()
	data := codePage{Page: c.page(c.scope.Path.Owner + "/" + c.scope.Path.Name), Root: file == "", Clone: c.p.Tags.CloneURL(c.scope)}
	if data.Project, err = c.p.Forge.ProjectByID(ctx, c.scope.ID); err != nil {
		return err
	}
	if data.Place, err = c.place(tabCode); err != nil {
		return err
	}
	if s.rev == "" {
		if file != "" {
			return notPushed()
		}
		data.Begin = c.firstPush(data.Clone)
		return c.show("project/empty", data)
	}
	files, err := s.Tree(ctx, s.rev)
	if err != nil {
		return err
	}
	data.Commit, data.Path, data.Log = files.Commit, s.crumbs(c.scope.Path.Name, file), s.withRef(s.home+"/commits")
	data.AtHash = (&source{home: s.home, ref: files.Commit.Hash}).at("tree", file)
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	data.Refs = s.menu(c, head.Name, func(o *source) string { return o.at("tree", file) })
	if file != "" {
		data.Title = file + " · " + data.Title
		entry, err := files.Stat(ctx, file)
		if err != nil {
			return err
		}
		if entry.Kind != git.Dir {
			if data.File, err = c.viewFile(s, files, entry); err != nil {
				return err
			}
			return c.show("project/file", data)
		}
	}
	entries, err := files.List(ctx, file)
	if err != nil {
		return err
	}
	if data.Readme, err = c.folderReadme(s, files, file, entries); err != nil {
		return err
	}
	slices.SortStableFunc(entries, func(a, b git.Entry) int { return cmp.Compare(rank(a), rank(b)) })
	data.More = max(0, len(entries)-maxEntries)
	for _, e := range entries[:min(maxEntries, len(entries))] {
		data.Entries = append(data.Entries, c.treeEntry(s, e))
	}
	return c.show("project/code", data)
}

// rank puts directories before files.
func rank(e git.Entry) int {
	if e.Kind == git.Dir {
		return 0
	}
	return 1
}

func (c *call) treeEntry(s *source, e git.Entry) treeEntry {
	out := treeEntry{Entry: e, URL: s.at("tree", e.Path), Icon: "file"}
	switch {
	case e.Kind == git.Dir:
		out.Icon = "file-directory"
	case e.Kind == git.Symlink:
		out.Icon, out.Word = "file-symlink-file", c.tr("code.symlink")
	case e.Kind == git.Submodule:
		out.Icon, out.Word, out.URL = "file-submodule", c.tr("code.submodule"), ""
	case e.Mode&0o100 != 0:
		out.Word = c.tr("code.executable")
	}
	return out
}

// folderReadme finds the text that introduces a directory.
func (c *call) folderReadme(s *source, files *git.Tree, dir string, entries []git.Entry) (*folderReadme, error) {
	best, of := -1, 0
	for i, e := range entries {
		if rank := slices.Index([]string{"readme.txt", "readme", "readme.markdown", "readme.md"}, strings.ToLower(e.Name)) + 1; e.Kind == git.Regular && rank > of {
			best, of = i, rank
		}
	}
	if best < 0 {
		return nil, nil
	}
	html, err := c.rendered(s, files, dir, entries[best], 2)
	if fault.Is(err, fault.TooLarge) {
		return nil, nil // the list of files leads to it
	}
	return &folderReadme{entries[best].Name, html}, err
}

// rendered makes HTML of a text file in the directory dir, whose headings stand
// below one of that level.
func (c *call) rendered(s *source, files *git.Tree, dir string, e git.Entry, below int) (template.HTML, error) {
	src, err := files.ReadFile(c.r.Context(), e.Path, markup.Limit)
	if err != nil {
		return "", err
	}
	return markup.Render(e.Name, src, markup.Options{
		Dir: dir, Below: below,
		Link: func(to string) string { return s.at("tree", to) },
		Image: func(to string) string {
			if !picture(to) {
				return ""
			}
			return s.at("raw", to)
		},
	})
}

func (c *call) viewFile(s *source, files *git.Tree, e git.Entry) (*fileView, error) {
	ctx := c.r.Context()
	v := &fileView{Entry: e, Raw: s.at("raw", e.Path)}
	switch {
	case e.Kind == git.Submodule:
		v.Raw, v.Notice = "", c.tr("code.submodule_notice")
		return v, nil
	case e.Kind == git.Symlink:
		v.Raw = ""
		_, r, err := files.Open(ctx, e.Path)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		target, err := io.ReadAll(io.LimitReader(r, 4096))
		v.Target = strings.ToValidUTF8(string(target), "\uFFFD")
		return v, err
	case picture(e.Name):
		v.Picture = true
		return v, nil
	case e.Size == 0:
		v.Notice = c.tr("code.empty_file")
		return v, nil
	case e.Size > markup.Limit:
		v.Notice = c.tr("code.too_large")
		return v, nil
	}
	src, err := files.ReadFile(ctx, e.Path, markup.Limit)
	if err != nil {
		return nil, err
	}
	if name := strings.ToLower(e.Name); strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".markdown") {
		v.Looks = s.at("tree", e.Path)
		v.Source = v.Looks + "?view=source"
		if s.ref != "" {
			v.Source = v.Looks + "&view=source"
		}
		if c.r.URL.Query().Get("view") != "source" {
			dir, _ := path.Split(e.Path)
			v.Rendered, err = c.rendered(s, files, strings.TrimSuffix(dir, "/"), e, 1)
			return v, err
		}
	}
	lines, ok := markup.Highlight(e.Name, src)
	if !ok {
		v.Notice = c.tr("code.binary")
	}
	v.Lines = lines
	return v, nil
}

// firstPush says how to fill an empty repository.
func (c *call) firstPush(clone string) []format.Task {
	text := func(key string) format.Text { return format.Text{En: c.tr(key), Ru: c.tr(key)} }
	return []format.Task{
		{Name: "new", Title: text("code.begin_new"), Steps: []format.Step{
			{Name: "init", Title: text("code.begin_commit"), Code: "git init --initial-branch=main\ngit add .\ngit commit --message \"First commit\""},
			{Name: "push", Title: text("code.begin_push"), Code: "git remote add origin " + clone + "\ngit push --set-upstream origin main"},
		}},
		{Name: "existing", Title: text("code.begin_existing"), Steps: []format.Step{
			{Name: "remote", Title: text("code.begin_remote"), Code: "git remote add origin " + clone},
			{Name: "push", Title: text("code.begin_all"), Code: "git push origin --all\ngit push origin --tags"},
		}},
	}
}
