// Command omanager is the desktop console.
package main

import (
	"context"
	"os"

	"omanager/app/console"
	"omanager/app/console/prefs"
	"omanager/data/config"
	"omanager/rpc/client"
	"omanager/rpc/serve"
	"omanager/ui/start"
)

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(start.Main(os.Args[1:], version, console.Config{
		Fingerprint: client.Fingerprint,
		Dial:        func(addr, fingerprint string) console.Server { return client.Dial(addr, fingerprint) },
		Demo:        demo,
		NewJobID:    client.NewJobID,
		Settings:    console.SettingsPath(),
	}, func(path string) prefs.File { return config.At(path) }))
}

// demo runs the control server that "Try it" needs inside this process.
func demo(ctx context.Context) (console.Embedded, error) {
	r, err := serve.Demo(ctx, serve.DemoOptions{Version: version})
	if err != nil {
		return console.Embedded{}, err
	}
	return console.Embedded{Addr: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile, Close: r.Close}, nil
}
