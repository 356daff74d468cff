package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrate brings the schema up to date by the files in the folder. A schema newer than they know is refused.
func migrate(ctx context.Context, db *sql.DB, d goose.Dialect, all fs.FS, folder string, o ...goose.ProviderOption) error {
	files, err := fs.Sub(all, folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(d, db, files, o...)
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	known := p.ListSources()
	if newest := known[len(known)-1].Version; have > newest {
		return fmt.Errorf("schema %d is newer than this program knows (%d); use the newer program", have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring schema up to date: %w", err)
	}
	return nil
}
