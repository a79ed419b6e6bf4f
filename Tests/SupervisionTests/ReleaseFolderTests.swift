import FoundationEssentials
import Glibc
import Testing

@testable import Supervision

@Suite struct ReleaseFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func spec(_ name: String, kept: Int = 2) -> ReleaseSpec {
    ReleaseSpec(
      folder: "\(folder.path)/shop/\(name)",
      files: [.init(name: "run.sh", text: "#!/bin/sh\n", mode: 0o750)], kept: kept)
  }

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func `a release has its files, and is complete only when it is said to be`() throws {
    let one = spec("a")
    try ReleaseFolder.begin(one)
    #expect(!ReleaseFolder.isComplete(one))
    #expect(folder.read("shop/a/run.sh") == "#!/bin/sh\n")
    #expect(mode("\(one.folder)/run.sh") == 0o750)
    try ReleaseFolder.complete(one, output: "built\n", used: [])
    #expect(ReleaseFolder.isComplete(one))
    #expect(folder.read("shop/a/\(ReleaseFolder.mark)") == "built\n")
  }

  @Test func `one that was left half is begun anew, and links out of it are not followed`() throws {
    let one = spec("a")
    try ReleaseFolder.begin(one)
    _ = try folder.write("stays", to: "outside")
    #expect(unsafe symlink("\(folder.path)/outside", "\(one.folder)/link") == 0)
    #expect(unsafe symlink(folder.path, "\(one.folder)/up") == 0)
    #expect(unsafe mkdir("\(one.folder)/deep", 0o700) == 0)
    try ReleaseFolder.begin(one)
    #expect(try FileManager.default.contentsOfDirectory(atPath: one.folder) == ["run.sh"])
    #expect(folder.read("outside") == "stays")
  }

  @Test func `old ones go, those in use and the newest stay`() throws {
    for (age, name) in ["a", "b", "c", "d"].enumerated() {
      let one = spec(name, kept: 10)
      try ReleaseFolder.begin(one)
      try ReleaseFolder.complete(one, output: "", used: [])
      var times = [
        timespec(tv_sec: 1_000 + age, tv_nsec: 0), timespec(tv_sec: 1_000 + age, tv_nsec: 0),
      ]
      _ = unsafe utimensat(AT_FDCWD, "\(one.folder)/\(ReleaseFolder.mark)", &times, 0)
    }
    try ReleaseFolder.begin(spec("half"))
    let last = spec("e", kept: 1)
    try ReleaseFolder.begin(last)
    try ReleaseFolder.complete(last, output: "", used: ["\(folder.path)/shop/a"])
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/shop").sorted()
    #expect(left == ["a", "d", "e"])
  }

  @Test func `a folder that cannot be made is an error`() throws {
    _ = try folder.write("", to: "shop")
    #expect(throws: StartError.self) { try ReleaseFolder.begin(spec("a")) }
  }
}

@Suite(.serialized) struct SecretFolderTests {
  let folder: TemporaryFolder
  let secrets = SecretFolder()

  init() throws { folder = try TemporaryFolder() }

  @Test func `secrets are files in memory for their owner alone, or variables`() throws {
    let file = try folder.write("s3cret\n", to: "db")
    let given = try secrets.give(
      [
        SecretSpec(name: "db", file: file, isVariable: false),
        SecretSpec(name: "DB", file: file, isVariable: true),
        SecretSpec(name: "TOKEN", variable: "T", isVariable: true),
      ], to: "shop-1", inherited: [("T", "t0ken")])
    defer { secrets.removeAll() }
    let made = try #require(given.folder)
    #expect(contents(of: "\(made)/db") == "s3cret\n")
    #expect(given.variables.map { "\($0.name)=\($0.value)" } == ["DB=s3cret", "TOKEN=t0ken"])
    var status = stat()
    #expect(unsafe stat(made, &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(unsafe stat("\(made)/db", &status) == 0 && status.st_mode & 0o777 == 0o400)
    secrets.remove("shop-1")
    #expect(unsafe access(made, F_OK) != 0)
  }

  @Test func `what is missing or too long starts nothing, and says no content`() throws {
    let long = try folder.write(String(repeating: "x", count: 70_000), to: "long")
    for secret in [
      SecretSpec(name: "a", file: "\(folder.path)/none", isVariable: false),
      SecretSpec(name: "a", variable: "NONE", isVariable: true),
      SecretSpec(name: "a", file: long, isVariable: false),
    ] {
      let error = #expect(throws: StartError.self) {
        try secrets.give([secret], to: "shop-2", inherited: [])
      }
      #expect(error?.description.hasPrefix("the secret a") == true)
      #expect(error?.description.contains("xxx") == false)
    }
    secrets.removeAll()
  }

  @Test func `what a killed keeper left is removed, what a living one has is not`() throws {
    let path = try #require(secrets.path)
    let parent = try #require(FileSystem.parent(of: path))
    // No process has a number beyond the kernel's limit of 2^22.
    let dead = "\(parent)/ballast-secrets-4999999"
    #expect(unsafe mkdir(dead, 0o700) == 0 || errno == EEXIST)
    let living = "\(parent)/ballast-secrets-\(getppid())"
    #expect(unsafe mkdir(living, 0o700) == 0 || errno == EEXIST)
    defer { FileTree.remove(living) }
    secrets.removeAbandoned()
    #expect(unsafe access(dead, F_OK) != 0)
    #expect(unsafe access(living, F_OK) == 0)
  }
}
