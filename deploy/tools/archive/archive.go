// Package archive writes archives that are the same for the same content: no time, user or order of
// the building machine goes in.
package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"path"
	"strings"
	"time"
)

// Epoch is the time of every file: the earliest that all formats know.
var Epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// File is one entry; a name that ends in a slash is a folder.
type File struct {
	Name  string
	Data  []byte
	Mode  int64
	Owner int // user and group
}

// Tar packs files, and the folders that they need, in the given order.
func Tar(files ...File) ([]byte, error) {
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	written := map[string]bool{}
	for _, f := range files {
		for _, folder := range foldersOf(f.Name) {
			if written[folder] {
				continue
			}
			written[folder] = true
			if err := archive.WriteHeader(header(File{Name: folder, Mode: 0o755})); err != nil {
				return nil, err
			}
		}
		if err := archive.WriteHeader(header(f)); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.Data); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return packed.Bytes(), err
}

// TarGz is Tar, compressed.
func TarGz(files ...File) ([]byte, error) {
	plain, err := Tar(files...)
	if err != nil {
		return nil, err
	}
	return Gzip(plain)
}

// Gzip compresses without a name and a time.
func Gzip(plain []byte) ([]byte, error) {
	var packed bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := compressed.Write(plain); err != nil {
		return nil, err
	}
	err = compressed.Close()
	return packed.Bytes(), err
}

// Zip packs files for Windows.
func Zip(files ...File) ([]byte, error) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, f := range files {
		head := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: Epoch}
		to, err := archive.CreateHeader(head)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.Data); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return packed.Bytes(), err
}

func header(f File) *tar.Header {
	kind := byte(tar.TypeReg)
	if strings.HasSuffix(f.Name, "/") {
		kind = tar.TypeDir
	}
	return &tar.Header{
		Typeflag: kind, Name: f.Name, Mode: f.Mode, Size: int64(len(f.Data)),
		Uid: f.Owner, Gid: f.Owner, ModTime: Epoch, Format: tar.FormatPAX,
	}
}

// foldersOf lists the folders above a file, outermost first.
func foldersOf(name string) []string {
	var folders []string
	for folder := path.Dir(strings.TrimSuffix(name, "/")); folder != "."; folder = path.Dir(folder) {
		folders = append([]string{folder + "/"}, folders...)
	}
	return folders
}
