package composer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"acme/lib", "a/b", "1/2", "acme-corp/http.client_x", "a.b/c--d", "acme/lib-2.0", "a_b/c",
		strings.Repeat("a", 127) + "/" + strings.Repeat("b", 127),
	} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "/", "acme", "acme/", "/lib", "acme/lib/x", "acme//lib", "-a/b", "a-/b", "a/-b", "a/b-", "a--b/c", "a/b---c", "a/b..c",
		"a b/c", "acme/lib\n", "acme/../lib", "acme/.lib", "ac\u212ae/lib", "акме/lib", "acme/lib%2f", "php",
	} {
		err := CheckName(name)
		if err == nil {
			t.Errorf("%q passes", name)
		} else if !strings.Contains(err.Error(), "is no package name") || !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"Acme/HTTPClient":    `"Acme/HTTPClient" has upper-case letters, which package names may not have; "acme/http-client" would do`,
		"AcmeCorp/myLib":     `"AcmeCorp/myLib" has upper-case letters, which package names may not have; "acme-corp/my-lib" would do`,
		"acme/nul":           `"acme/nul" may not be published: "nul" is a device on Windows, where no folder can have that name`,
		"com1/lib":           `"com1/lib" may not be published: "com1" is a device on Windows, where no folder can have that name`,
		"acme/composer.json": `"acme/composer.json" may not end in .json, which addresses of metadata end in; -json would do`,
		strings.Repeat("a", 127) + "/" + strings.Repeat("b", 128): "the package name is 256 bytes long; at most 255 are taken",
	} {
		err := CheckName(name)
		if err == nil {
			t.Errorf("%q passes", name)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	if got, err := CanonicalName("Acme/Http-Client"); err != nil || got != "acme/http-client" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := CanonicalName("acme/\u212aelvin"); err == nil {
		t.Error("a letter beyond ASCII became an ASCII one")
	}
}
