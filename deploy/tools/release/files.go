package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fftconnect/deploy/tools/archive"
)

// accompanying are the files beside the program in an archive.
var accompanying = []string{"LICENSE", "README.md", "CHANGELOG.md"}

// shells are those that have a file with completions, and how it is named.
var shells = map[string]string{"bash": "completions/fftconnect.bash", "fish": "completions/fftconnect.fish", "zsh": "completions/_fftconnect"}

// archives makes one archive for each platform: the program, its manual and completions.
func (r release) archives() error {
	var beside []archive.File
	for _, name := range accompanying {
		data, err := os.ReadFile(filepath.Join(r.root, name))
		if err != nil {
			return err
		}
		beside = append(beside, archive.File{Name: name, Data: data, Mode: 0o644})
	}
	manual, err := r.ask("man")
	if err != nil {
		return err
	}
	beside = append(beside, archive.File{Name: "fftconnect.1", Data: manual, Mode: 0o644})
	for _, shell := range []string{"bash", "fish", "zsh"} {
		script, err := r.ask("completion", shell)
		if err != nil {
			return err
		}
		beside = append(beside, archive.File{Name: shells[shell], Data: script, Mode: 0o644})
	}
	for _, p := range r.systems {
		if err := r.archive(p, beside); err != nil {
			return fmt.Errorf("for %s: %w", p, err)
		}
	}
	return nil
}

func (r release) archive(p platform, beside []archive.File) error {
	program, err := r.program(p)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	name, ending, pack := "fftconnect", ".tar.gz", archive.TarGz
	if p.system == "windows" {
		name, ending, pack = "fftconnect.exe", ".zip", archive.Zip
	}
	packed, err := pack(append([]archive.File{{Name: name, Data: data, Mode: 0o755}}, beside...)...)
	if err != nil {
		return err
	}
	return os.WriteFile(r.file(p.String()+ending), packed, 0o644)
}

// chart packs the Helm chart as "helm package" does, with this version in it.
func (r release) chart() error {
	folder := filepath.Join(r.root, "deploy", "helm", "fftconnect")
	files, err := folderFiles(folder, "fftconnect/")
	if err != nil {
		return err
	}
	for i, f := range files {
		if f.Name == "fftconnect/Chart.yaml" {
			text := strings.Replace(string(f.Data), "\nversion: 0.0.0\n", "\nversion: "+r.version+"\n", 1)
			files[i].Data = []byte(strings.Replace(text, "\nappVersion: \"0.0.0\"\n", "\nappVersion: \""+r.version+"\"\n", 1))
		}
	}
	packed, err := archive.TarGz(files...)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, "fftconnect-"+r.version+".tgz"), packed, 0o644) // as Helm names it
}

// connect packs the connector repository for commercetools Connect.
func (r release) connect() error {
	repository := filepath.Join(r.work, "connect")
	program, err := r.program(platform{"linux", "amd64"})
	if err != nil {
		return err
	}
	if _, err := command(r.root, []string{"PROGRAM=" + program}, "bash", "deploy/connect/build.sh", r.version, repository); err != nil {
		return err
	}
	files, err := folderFiles(repository, "fftconnect-connect/")
	if err != nil {
		return err
	}
	packed, err := archive.TarGz(files...)
	if err != nil {
		return err
	}
	return os.WriteFile(r.file("connect.tar.gz"), packed, 0o644)
}

// folderFiles are all files of a folder, in order, with a prefix before their names.
func folderFiles(folder, prefix string) (files []archive.File, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		files = append(files, archive.File{Name: prefix + filepath.ToSlash(name), Data: data, Mode: 0o644})
		return err
	})
	return files, err
}

// checksums lists the SHA-256 of every file that is handed out, as "sha256sum --check" reads it.
func (r release) checksums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var lines []string
	for _, entry := range entries {
		if entry.IsDir() { // the OCI layout names its own digests
			continue
		}
		data, err := os.ReadFile(filepath.Join(r.out, entry.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(data), entry.Name()))
	}
	slices.Sort(lines)
	return os.WriteFile(r.file("SHA256SUMS"), []byte(strings.Join(lines, "")), 0o644)
}
