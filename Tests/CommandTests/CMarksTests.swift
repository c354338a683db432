import Foundation
import Testing

/// The C header of the marks, in a program that a C compiler makes.
@Suite struct CMarksTests {
    private static let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/CMarks/include").standardizedFileURL.path

    private static let source = """
        #include "wattbook_marks.h"
        #include <string.h>
        #include <sys/wait.h>
        int main(void) {
            wattbook_count("images", 8);
            wattbook_metric("loss", 0.25);
            { WATTBOOK_REGION("layer name=conv1"); }
            char longer[8000] = "begun huge=";
            memset(longer + 11, 'x', sizeof longer - 12);
            wattbook_begin(longer);
            wattbook_end("begun");
            if (fork() == 0) {
                wattbook_count("child", 1);
                return 0;
            }
            wait(0);
            for (int i = 3; i < 64; i++) close(i);
            for (int i = 0; i < 8; i++) open("file", O_WRONLY | O_APPEND | O_CREAT, 0644);
            wattbook_count("after", 1);
            for (int i = 3; i < 4096; i++) close(i);
            for (int i = 0; i < 8; i++) open("file", O_WRONLY | O_APPEND | O_CREAT, 0644);
            wattbook_count("lost", 1);
            return 0;
        }
        """

    @Test func marksAreBalancedKnowTheirProcessAndLeaveOtherFilesAlone() throws {
        var program = try Program()
        defer { program.clean() }
        try program.write(Self.source, to: "program.c")
        let arguments = ["clang", "-Wall", "-Wextra", "-Werror", "-I", Self.headers, "program.c", "-o", "program"]
        let built = try program.finish(program.start("/usr/bin/env", arguments))
        try #require(built.status == 0, "\(built.errors)")
        program.environment = ["WATTBOOK_MARKS": program.path("marks")]
        #expect(try program.finish(program.start(program.path("program"), [])).status == 0)
        let lines = try String(contentsOfFile: program.path("marks"), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        #expect(
            lines.map { $0.dropFirst(2).joined(separator: " ") } == [
                "count images=8", "metric loss=0.25", "begin layer name=conv1", "end layer", "begin begun",
                "end begun", "count child=1", "count after=1",
            ]
        )
        #expect(Set(lines.map { $0[1] }).count == 2)
        #expect(try String(contentsOfFile: program.path("file"), encoding: .utf8).isEmpty)
    }
}
