// Bad input: the sender gets a clear error, and no other client is affected.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

struct BadFile {
  // The name of the test case and of the file. The error must contain it.
  std::string name;
  std::string content;
  // Text that the error must contain beside the file's name.
  std::string says;
};

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::string DeepJson(int depth) {
  return R"({"version":"2.1.0","runs":)" + std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']') + "}";
}

std::vector<BadFile> BadFiles() {
  const std::string plist = SmallPlist("/src/a.c");
  const std::string sarif = SmallSarif("file:///src/a.c");
  return {
      {"not-xml.plist", "this is not XML", "XML"},
      {"empty.plist", "", ""},
      {"truncated.plist", plist.substr(0, plist.size() / 2), ""},
      {"binary.plist", "bplist00\x01\x02", "binary"},
      {"no-plist.plist", "<?xml version=\"1.0\"?><html></html>", "plist"},
      {"no-files.plist", Replaced(plist, "<key>files</key>", "<key>other</key>"), "files"},
      {"laughs.plist",
       Replaced(
           plist, "<plist",
           "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;\">]>\n<plist"),
       "entit"},
      {"long.plist", SmallPlist("/src/a.c", std::string(10 << 20, 'x')), "10485760"},
      {"not-json.sarif", "{this is not JSON", "JSON"},
      {"truncated.sarif", sarif.substr(0, sarif.size() / 2), ""},
      {"deep.sarif", DeepJson(10'000), "deep"},
      {"long.sarif", SmallSarif("file:///src/a.c", std::string(10 << 20, 'x')), "10485760"},
      {"version.sarif", Replaced(sarif, "2.1.0", "1.0.0"), "2.1.0"},
  };
}

class BadInputTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer();
  }

  // Expects that nothing was stored and that the server still works.
  void ExpectUnharmed() {
    const Ended runs = Storectl({"runs", "-o", "json"});
    EXPECT_EQ(runs.exit_code, 0) << runs.err;
    EXPECT_EQ(runs.out.find("\"name\""), std::string::npos) << runs.out;
    EXPECT_TRUE(server().Running());
  }

  static void ExpectOneLine(const Ended& ended, const std::string& name, const std::string& says) {
    EXPECT_TRUE(ended.exit_code == 1 || ended.exit_code == 2) << ended.exit_code;
    const size_t line = ended.err.find("storectl: ");
    ASSERT_NE(line, std::string::npos) << ended.err;
    const std::string error = ended.err.substr(line);
    EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 1) << error;
    EXPECT_LT(error.size(), 1000u) << error;
    EXPECT_NE(error.find(name), std::string::npos) << error;
    EXPECT_NE(error.find(says), std::string::npos) << error;
  }
};

TEST_F(BadInputTest, BadResultFiles_AreNamedWithTheFault_NothingIsStored) {
  for (const BadFile& bad : BadFiles()) {
    SCOPED_TRACE(bad.name);
    const std::string path = WriteFile("alone/" + bad.name, bad.content);
    ExpectOneLine(Storectl({"upload", path, "--name", "r"}), bad.name, bad.says);
    ExpectUnharmed();
  }
}

TEST_F(BadInputTest, OneBadFileAmongMany_IsNamed_AndLeftOutOnlyOnRequest) {
  for (const BadFile& bad : BadFiles()) {
    SCOPED_TRACE(bad.name);
    std::filesystem::remove_all(Path("reports"));
    WriteFile("reports/a.plist", SmallPlist("/src/a.c"));
    WriteFile("reports/z.sarif", SmallSarif("file:///src/b.c"));
    WriteFile("reports/" + bad.name, bad.content);
    ExpectOneLine(Storectl({"upload", Path("reports"), "--name", "r"}), bad.name, bad.says);
    ExpectUnharmed();
  }
  const BadFile bad = BadFiles().front();
  std::filesystem::remove_all(Path("reports"));
  WriteFile("reports/a.plist", SmallPlist("/src/a.c"));
  WriteFile("reports/z.sarif", SmallSarif("file:///src/b.c"));
  WriteFile("reports/" + bad.name, bad.content);
  const v1::StoreStatus status = Upload({Path("reports"), "--name", "r", "--skip-bad-files"});
  EXPECT_EQ(status.result().new_reports(), 2);
  const auto& warnings = status.result().warnings();
  EXPECT_TRUE(std::any_of(warnings.begin(), warnings.end(), [&](const std::string& warning) {
    return warning.find(bad.name) != std::string::npos;
  })) << status.ShortDebugString();
}

TEST_F(BadInputTest, RunNames_EmptyOrWithControlCharacters_AreRefused) {
  WriteFile("reports/a.plist", SmallPlist("/src/a.c"));
  for (const std::string& name :
       {std::string(), std::string("a\nb"), std::string("a\x1b[31m"), std::string(300, 'x')}) {
    const Ended ended = Storectl({"upload", Path("reports"), "--name", name});
    EXPECT_TRUE(ended.exit_code == 2 || ended.exit_code == 3) << name << ended.err;
    ExpectUnharmed();
  }
}

// Python writes archives that no ordinary archiver would write.
TEST_F(BadInputTest, HostileArchives_AreRefusedNamingTheMember) {
  const std::string script = R"py(
import io, sys, tarfile, zipfile
kind, path, plist = sys.argv[1], sys.argv[2], open(sys.argv[3], "rb").read()

def tar(entries):
    with tarfile.open(path, "w:gz") as out:
        for info, data in entries:
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))

def entry(name, type=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type, link
    return info

good = (entry("a.plist"), plist)
if kind == "dotdot":
    tar([good, (entry("x/../../evil.plist"), plist)])
elif kind == "absolute":
    tar([good, (entry("/tmp/evil.plist"), plist)])
elif kind == "symlink":
    tar([good, (entry("evil.plist", tarfile.SYMTYPE, "/etc/passwd"), b"")])
elif kind == "hardlink":
    tar([good, (entry("evil.plist", tarfile.LNKTYPE, "a.plist"), b"")])
elif kind == "device":
    tar([good, (entry("evil.plist", tarfile.CHRTYPE), b"")])
elif kind == "bomb":
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr("a.plist", plist)
        with out.open("evil.plist", "w", force_zip64=True) as member:
            for _ in range(300):
                member.write(b"\0" * (1 << 20))
elif kind == "truncated":
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("evil.plist", plist * 50)
    data = open(path, "rb").read()
    open(path, "wb").write(data[: len(data) // 2])
)py";
  const std::string plist = WriteFile("plist", SmallPlist("/src/a.c"));
  for (const std::string kind :
       {"dotdot", "absolute", "symlink", "hardlink", "device", "bomb", "truncated"}) {
    SCOPED_TRACE(kind);
    const std::string archive = Path(kind + (kind == "bomb" ? ".zip" : ".tar.gz"));
    const Ended made = RunProgram({"python3", "-c", script, kind, archive, plist});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const Ended ended = Storectl({"upload", archive, "--name", "r"});
    ExpectOneLine(ended, std::filesystem::path(archive).filename().string(),
                  kind == "truncated" ? "" : "evil.plist");
    EXPECT_FALSE(std::filesystem::exists("/tmp/evil.plist"));
    ExpectUnharmed();
  }
}

}  // namespace
}  // namespace stored::tests
