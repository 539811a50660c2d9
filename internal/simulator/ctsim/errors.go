package ctsim

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer in the platform's error format.
type apiError struct {
	status  int
	code    string
	message string
	extra   map[string]any
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message)
}

func (e *apiError) body() map[string]any {
	entry := map[string]any{"code": e.code, "message": e.message}
	for name, value := range e.extra {
		entry[name] = value
	}
	return map[string]any{"statusCode": e.status, "message": e.message, "errors": []any{entry}}
}

func badRequest(code string, extra map[string]any, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, code, fmt.Sprintf(format, args...), extra}
}

func invalidInput(format string, args ...any) *apiError {
	return badRequest("InvalidInput", nil, format, args...)
}

func invalidOperation(format string, args ...any) *apiError {
	return badRequest("InvalidOperation", nil, format, args...)
}

func invalidJSON(format string, args ...any) *apiError {
	return badRequest("InvalidJsonInput", map[string]any{"detailedErrorMessage": fmt.Sprintf(format, args...)},
		"Request body does not contain valid JSON.")
}

func invalidField(name string, value any, allowed ...string) *apiError {
	extra := map[string]any{"field": name, "invalidValue": value}
	if len(allowed) > 0 {
		extra["allowedValues"] = allowed
	}
	return badRequest("InvalidField", extra, "The value '%s' is not valid for field '%s'.", encode(value), name)
}

func duplicateField(name string, value any) *apiError {
	return badRequest("DuplicateField", map[string]any{"field": name, "duplicateValue": value},
		"A duplicate value '%s' exists for field '%s'.", encode(value), name)
}

func requiredField(name string) *apiError {
	return badRequest("RequiredField", map[string]any{"field": name}, "Field '%s' is required.", name)
}

func referenceNotFound(typeID string, reference map[string]any) *apiError {
	extra := map[string]any{"typeId": typeID}
	by := "identifier"
	for _, name := range []string{"id", "key"} {
		if value, ok := reference[name].(string); ok {
			extra[name] = value
			by = name + " '" + value + "'"
		}
	}
	return badRequest("ReferencedResourceNotFound", extra, "The referenced object of type '%s' with %s was not found.", typeID, by)
}

func notFound(what, identifier string) *apiError {
	return &apiError{http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("The %s with %s was not found.", what, identifier), nil}
}

func versionConflictError(what, id string, expected, current int64) *apiError {
	message := fmt.Sprintf("The %s '%s' has a different version than expected. Expected: %d - Actual: %d.", what, id, expected, current)
	return &apiError{http.StatusConflict, "ConcurrentModification", message, map[string]any{"currentVersion": current}}
}

// authErrorBody has the two extra members of the OAuth error format.
func authErrorBody(status int, code, message string) map[string]any {
	body := (&apiError{status: status, code: code, message: message}).body()
	body["error"], body["error_description"] = code, message
	return body
}

// faultBody is the platform's body for an error that a fault decides.
func faultBody(status int) any {
	codes := map[int]string{
		http.StatusBadRequest: "InvalidInput", http.StatusUnauthorized: "invalid_token",
		http.StatusForbidden: "insufficient_scope", http.StatusNotFound: "ResourceNotFound",
		http.StatusConflict: "ConcurrentModification", http.StatusRequestEntityTooLarge: "ContentTooLarge",
		http.StatusBadGateway: "BadGateway", http.StatusServiceUnavailable: "OverCapacity",
		http.StatusTooManyRequests: "OverCapacity",
	}
	code, known := codes[status]
	if !known {
		code = "General"
	}
	failure := &apiError{status: status, code: code, message: strings.TrimSpace(http.StatusText(status) + ".")}
	if code == "invalid_token" {
		return authErrorBody(status, code, "invalid_token")
	}
	return failure.body()
}
