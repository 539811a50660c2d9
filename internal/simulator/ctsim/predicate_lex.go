package ctsim

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	endToken tokenKind = iota
	wordToken
	stringToken
	symbolToken
	variableToken
)

type token struct {
	kind tokenKind
	text string
}

// lex splits a predicate into tokens and ends them with an endToken.
func lex(text string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(text); {
		t, size, err := lexOne(text[i:])
		if err != nil {
			return nil, err
		}
		if t.kind != endToken {
			tokens = append(tokens, t)
		}
		i += size
	}
	return append(tokens, token{endToken, "end of the predicate"}), nil
}

// lexOne reads one token; white space is an endToken of its own.
func lexOne(text string) (token, int, error) {
	switch c := text[0]; {
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return token{}, 1, nil
	case c == '"':
		return lexString(text)
	case c == '`':
		end := strings.IndexByte(text[1:], '`')
		if end < 0 {
			return token{}, 0, fmt.Errorf("unterminated name")
		}
		return token{wordToken, text[1 : 1+end]}, end + 2, nil
	case c == ':':
		size := wordLength(text[1:])
		if size == 0 {
			return token{}, 0, fmt.Errorf("a variable name expected after ':'")
		}
		return token{variableToken, text[1 : 1+size]}, size + 1, nil
	case strings.HasPrefix(text, "<>"), strings.HasPrefix(text, "<="), strings.HasPrefix(text, ">="), strings.HasPrefix(text, "!="):
		return token{symbolToken, text[:2]}, 2, nil
	case strings.IndexByte("=<>(),", c) >= 0:
		return token{symbolToken, text[:1]}, 1, nil
	}
	size := wordLength(text)
	if size == 0 {
		return token{}, 0, fmt.Errorf("unexpected character %q", text[0])
	}
	return token{wordToken, text[:size]}, size, nil
}

func wordLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '_' && c != '-' && c != '.' {
			return i
		}
	}
	return len(text)
}

func lexString(text string) (token, int, error) {
	var value strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return token{stringToken, value.String()}, i + 1, nil
		case c == '\\' && i+1 < len(text):
			i++
			value.WriteByte(unescaped(text[i]))
		default:
			value.WriteByte(c)
		}
	}
	return token{}, 0, fmt.Errorf("unterminated string")
}

func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return c
}
