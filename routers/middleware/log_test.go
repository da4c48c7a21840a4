package middleware

import "testing"

func TestPathsInTheLog(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/project/acme/money":                            "/project/acme/money",
		"/t/secret/project/acme/tools/package/-/conda/x": "/t/•••/project/acme/tools/package/-/conda/x",
		"/t/secret": "/t/•••/",
		"/user/ann/package/-/npm/-/user/token/secret": "/user/ann/package/-/npm/-/user/token/•••",
		"/login/secret": "/login/•••",
	} {
		if got := loggable(path); got != want {
			t.Errorf("%s is written as %s, not %s", path, got, want)
		}
	}
}
