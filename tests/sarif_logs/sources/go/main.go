package main

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"os"
	"os/exec"

	"golang.org/x/text/language"
)

type Thing struct{}

func Run(name string) (error, int) {
	out, _ := exec.Command("sh", "-c", name).Output()
	fmt.Printf("%d\n", string(out))
	return nil, 0
}

func parse(s string) language.Tag {
	tag, _ := language.Parse(s)
	return tag
}

func match(names []string) language.Tag {
	tag, _ := language.MatchStrings(language.NewMatcher(nil), names...)
	return tag
}

func never() bool { return false == true }

func main() {
	for true {
		break
	}
	h := md5.New()
	h.Write([]byte("x"))
	var x int = 1
	x = x
	fmt.Println(parse(os.Args[1]), match(os.Args), h.Sum(nil))
	if never() == true {
		os.Chmod("/tmp/x", 0777)
	}
	http.ListenAndServe(":8080", nil)
}
