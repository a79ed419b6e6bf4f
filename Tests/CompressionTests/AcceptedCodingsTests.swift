import Testing
import Topology
import Wire

@testable import Compression

@Suite struct AcceptedCodingsTests {
  private func accepted(_ lines: String...) throws -> AcceptedCodings {
    let fields = lines.map { "Accept-Encoding: \($0)\r\n" }.joined()
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
    var head = RequestHead()
    #expect(try head.read(bytes.span))
    return AcceptedCodings(head, bytes.span)
  }

  private let usual: [ContentCoding] = [.zstd, .brotli, .gzip]

  /// The examples of RFC 9110 section 12.5.3, and what lies between them.
  @Test(arguments: [
    ("compress, gzip", ContentCoding.gzip),
    ("", nil), ("*", .zstd),
    ("compress;q=0.5, gzip;q=1.0", .gzip),
    ("gzip;q=1.0, identity; q=0.5, *;q=0", .gzip),
    ("gzip, deflate, br, zstd", .zstd), ("gzip, deflate, br", .brotli), ("deflate", nil),
    ("GZIP", .gzip), ("x-gzip", .gzip), ("BR;Q=0.1", .brotli),
    ("gzip;q=0.9, br;q=0.8", .gzip), ("gzip;q=0.8,br;q=0.8", .brotli),
    ("gzip;q=0", nil), ("gzip;q=0.000", nil), ("gzip;q=0.001", .gzip),
    ("br;q=0, *", .zstd), ("zstd;q=0, br;q=0, *", .gzip), ("*;q=0", nil), ("*;q=0, br", .brotli),
    ("identity", nil), ("identity, gzip;q=0.5", nil), ("identity;q=0.5, gzip;q=0.5", .gzip),
    ("identity;q=0, gzip;q=0.1", .gzip), ("identity;q=0", nil),
    // What can't be read is no wish.
    ("gzip;q=2", nil), ("gzip;q=", nil), ("gzip;q=1.001", nil), ("gzip;q=0.1234", nil),
    ("gzip;q=-1", nil), ("gzip;q=.5", nil), ("gzip;q=1x", nil), ("gzip;level=9", nil),
    ("gzip q=1", nil), ("gzip;", nil), (";q=1", nil), (",, ,gzip\t;\tq=1 ,", .gzip),
    ("gzip;q=0, gzip", nil), ("gzi", nil), ("gzipp", nil),
  ])
  func `the coding that a client likes most`(value: String, expected: ContentCoding?) throws {
    #expect(try accepted(value).best(of: usual) == expected, "\(value)")
  }

  @Test func `a request that says nothing gets the content as it is`() throws {
    #expect(try accepted().best(of: usual) == nil)
    #expect(try !accepted().refusesIdentity)
  }

  @Test func `several fields are one list`() throws {
    #expect(try accepted("gzip", "br;q=0.5").best(of: usual) == .gzip)
    #expect(try accepted("deflate", "br").best(of: usual) == .brotli)
  }

  @Test func `the order decides among equals only`() throws {
    #expect(try accepted("gzip, br, zstd").best(of: [.gzip, .zstd]) == .gzip)
    #expect(try accepted("gzip;q=0.5, br").best(of: [.gzip, .brotli]) == .brotli)
    #expect(try accepted("br").best(of: [.gzip]) == nil)
  }

  @Test func `who refuses the content as it is`() throws {
    #expect(try accepted("identity;q=0, gzip").refusesIdentity)
    #expect(try accepted("gzip, *;q=0").refusesIdentity)
    #expect(try !accepted("gzip, identity;q=0.1, *;q=0").refusesIdentity)
    #expect(try !accepted("gzip").refusesIdentity)
  }
}
