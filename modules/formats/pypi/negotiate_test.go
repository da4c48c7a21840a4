package pypi

import "testing"

func TestNegotiate(t *testing.T) {
	t.Parallel()
	const jsonType, htmlType = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"
	for accept, want := range map[string]form{
		"":          textForm,
		"*/*":       textForm,
		"text/html": textForm,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": textForm,
		jsonType: jsonForm,
		htmlType: htmlForm,
		"application/vnd.pypi.simple.latest+json":                 jsonForm,
		"application/vnd.pypi.simple.latest+html":                 htmlForm,
		jsonType + ", " + htmlType + "; q=0.1, text/html; q=0.01": jsonForm, // pip 23
		jsonType + ", " + htmlType + ";q=0.2, text/html;q=0.01":   jsonForm, // uv
		jsonType + ";q=0.1," + htmlType:                           htmlForm,
		jsonType + ";q=0, text/html;q=0.5":                        textForm,
		jsonType + ";q=2, text/html;q=0.5":                        textForm,
		jsonType + ";q=NaN, " + htmlType:                          htmlForm,
		jsonType + ";q=0":                                         textForm,
		"Application/VND.pypi.simple.V1+JSON":                     jsonForm,
		"application/vnd.pypi.simple.v2+json":                     textForm,
		"application/json":                                        textForm,
		"application/*, text/html;q=0.1":                          jsonForm,
		"text/html;level=1;q=0.3, " + jsonType + " ; q=0.4":       jsonForm,
		",;,q=": textForm,
	} {
		if got := negotiate(accept); got != want {
			t.Errorf("%q: %s", accept, mediaTypes[got])
		}
	}
}
