package mem_test

import (
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/blobtest"
	"ingot.dev/modules/blob/mem"
)

func TestContract(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) blob.Store { return mem.New() })
}
