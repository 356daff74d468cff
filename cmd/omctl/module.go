package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/modules/author"
)

func (a *app) moduleCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "module", Short: "Write modules: new, lint, test, import",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.moduleNewCommand(), a.moduleLintCommand(), a.moduleTestCommand(), a.moduleImportCommand())
	return c
}

func (a *app) moduleNewCommand() *cobra.Command {
	var category, dir string
	c := &cobra.Command{
		Use: "new ID NAME", Short: "Make a module folder that works, to be changed", Args: exactly(2, "a number and a name"),
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := author.New(dir, category, args[0], args[1])
			if err != nil {
				return authorProblem(err)
			}
			_, err = fmt.Fprintf(a.out, "Made %s\nNext: change its files, then: omctl module lint %s && omctl module test %s\n", path, path, path)
			return err
		},
	}
	c.Flags().StringVar(&category, "category", "bas", "menu: bas, app, dba, ser or mid")
	c.Flags().StringVar(&dir, "dir", ".", "where to make it")
	return c
}

// authorProblem words what the files of a module say no to.
func authorProblem(err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	return problem.Wrap(err, "usage", "cause", safetext.Line(err.Error())+".")
}

// lintLine is the JSON form of a report.
type lintLine struct {
	File         string   `json:"file"`
	OK           bool     `json:"ok"`
	Objects      int      `json:"objects"`
	Controls     int      `json:"controls"`
	Live         int      `json:"live"`
	Placeholders int      `json:"placeholders"`
	Error        string   `json:"error,omitempty"`
	Warnings     []string `json:"warnings,omitempty"`
}

func (a *app) moduleLintCommand() *cobra.Command {
	return &cobra.Command{
		Use: "lint FILE...", Short: "Check modules: folders, folders of modules, and bare XRC files",
		Long: "Names file, line and what to do. Exit codes: 0 all may stand in the menu (there may be warnings), 2 some may not.",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return problem.New("usage", "cause", "lint takes at least one file or folder. See: omctl module lint --help")
			}
			bad, count := 0, 0
			for _, path := range args {
				reports, err := author.Lint(path)
				if err != nil {
					return problem.New("usage", "cause", path+" cannot be looked at: "+cause(err)+".")
				}
				for _, r := range reports {
					count++
					if !r.OK() {
						bad++
					}
					if err := a.printReport(r); err != nil {
						return err
					}
				}
			}
			if bad > 0 {
				return problem.New("lint_bad", "count", strconv.Itoa(count), "bad", strconv.Itoa(bad))
			}
			return nil
		},
	}
}

func (a *app) printReport(r author.Report) error {
	if a.asJSON {
		l := lintLine{File: r.File, OK: r.OK(), Objects: r.Counts.Objects, Controls: r.Counts.Controls, Live: r.Counts.Live, Placeholders: r.Counts.Placeholders}
		for _, f := range r.Findings {
			if f.Error && l.Error == "" {
				l.Error = f.In(a.lang)
			} else {
				l.Warnings = append(l.Warnings, f.In(a.lang))
			}
		}
		return json.NewEncoder(a.out).Encode(l)
	}
	w := &sticky{w: a.out}
	for _, f := range r.Findings {
		w.printf("%s\n", safetext.Line(f.In(a.lang)))
	}
	if r.OK() {
		w.printf("%s: ok, %d objects, %d of %d controls live\n", safetext.Line(r.File), r.Counts.Objects, r.Counts.Live, r.Counts.Controls)
	}
	return w.err
}

func (a *app) moduleImportCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use: "import FOLDER", Short: "Make module folders out of a legacy Module folder", Args: exactly(1, "a folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			taken, err := author.TakeOver(args[0], to)
			if err != nil {
				return authorProblem(err)
			}
			bad := 0
			for _, t := range taken {
				var line string
				switch {
				case errors.Is(t.Err, os.ErrExist):
					line = "left as it is: the folder is there already"
				case t.Err != nil:
					line, bad = problem.Describe(a.lang, authorProblem(t.Err)), bad+1
				case t.Shipped != "":
					line = "not needed: " + t.Shipped + " ships, with its task"
				default:
					line = "made " + t.Folder + "; it has no task yet, write ssh.sh"
				}
				_, _ = fmt.Fprintln(a.out, safetext.Line(filepath.Base(t.File)+": "+line))
			}
			if bad > 0 {
				return problem.New("lint_bad", "count", strconv.Itoa(len(taken)), "bad", strconv.Itoa(bad))
			}
			return nil
		},
	}
	c.Flags().StringVar(&to, "to", ".", "where to make the folders: modules/ of the control server's data folder")
	return c
}

// onlyModule is the one module that a folder holds, without errors.
func (a *app) onlyModule(path string) (author.Report, error) {
	reports, err := author.Lint(path)
	if err != nil {
		return author.Report{}, problem.New("usage", "cause", path+" cannot be looked at: "+cause(err)+".")
	}
	reports = slices.DeleteFunc(reports, func(r author.Report) bool { return strings.EqualFold(filepath.Ext(r.File), ".xrc") })
	if len(reports) != 1 {
		return author.Report{}, problem.New("usage", "cause", path+" is not one module folder. Name the folder with module.yaml in it.")
	}
	if r := reports[0]; r.OK() {
		return r, nil
	}
	if err := a.printReport(reports[0]); err != nil {
		return author.Report{}, err
	}
	return author.Report{}, problem.New("lint_bad", "count", "1", "bad", "1")
}
