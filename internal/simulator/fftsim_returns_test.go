package simulator_test

import (
	"net/http"
	"slices"
	"testing"

	"fftconnect/internal/simulator/fftsim"
)

func TestReturnedPiecesAreAcceptedOrRejected(t *testing.T) {
	t.Parallel()
	b := setup(t, manual())
	id := b.create()
	if b.Return(id, fftsim.Returned{TenantArticleID: "SKU-1"}) == nil {
		t.Error("something comes back that was not handed over")
	}
	b.steps(id, 5)
	announced, err := b.AnnounceReturn(id,
		fftsim.Returned{TenantArticleID: "SKU-1", Quantity: 2, Condition: "worn", Reason: "too small"},
		fftsim.Returned{TenantArticleID: "SKU-2", Rejected: true})
	b.must(err)
	heard := b.heard(id)
	if !slices.Equal(heard[len(heard)-2:], []string{"ITEM_RETURN_JOB_CREATED", "ITEM_RETURN_JOB_UPDATED"}) {
		t.Errorf("heard %v", heard)
	}
	job := b.payload("ITEM_RETURN_JOB_UPDATED")
	if lines := returnedLines(job, 0); len(lines) != 3 || lines[0]["status"] != "OPEN" || job["status"] != "OPEN" {
		t.Errorf("announced are %v in a job that is %v", lines, job["status"])
	}
	b.must(b.FinishReturn(id, announced))
	job = b.payload("ITEM_RETURN_JOB_UPDATED")
	lines, first := returnedLines(job, 0), job["returnableLineItems"].([]any)[0].(object)
	if lines[1]["status"] != "ACCEPTED" || lines[2]["status"] != "REJECTED" || job["status"] != "IN_PROGRESS" {
		t.Errorf("got %v in a job that is %v", lines, job["status"])
	}
	if first["returned"] != 2.0 || first["delivered"] != 2.0 || first["customAttributes"].(object)["commercetoolsId"] != "line-1" ||
		lines[0]["itemReturnJobLineItemRefs"].([]any)[0] != first["id"] {
		t.Errorf("the first line is %v", first)
	}
	if b.Return(id, fftsim.Returned{TenantArticleID: "SKU-1"}) == nil {
		t.Error("more comes back than was handed over")
	}
	process := b.read("/api/process?orderRef=" + id)
	if refs := process["itemReturnJobsRef"].([]any); len(refs) != 1 || refs[0] != job["id"] {
		t.Errorf("the process knows %v", refs)
	}
	if list := b.read("/api/itemreturnjobs?searchTerm=A-1001"); list["total"] != 1.0 {
		t.Errorf("got %v", list)
	}
	b.want(http.StatusOK, http.MethodGet, "/api/itemreturnjobs/"+job["id"].(string), "")
}

func returnedLines(job object, i int) []object {
	var lines []object
	for _, line := range job["itemReturns"].([]any)[i].(object)["returnedLineItems"].([]any) {
		lines = append(lines, line.(object))
	}
	return lines
}
