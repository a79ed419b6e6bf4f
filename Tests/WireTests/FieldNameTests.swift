import Testing

@testable import Wire

@Suite struct FieldNameTests {
  private static let names: [(FieldName, String)] = [
    (.host, "host"), (.connection, "connection"), (.contentLength, "content-length"),
    (.transferEncoding, "transfer-encoding"), (.expect, "expect"), (.upgrade, "upgrade"),
    (.te, "te"), (.trailer, "trailer"), (.keepAlive, "keep-alive"),
    (.proxyConnection, "proxy-connection"), (.xForwardedFor, "x-forwarded-for"),
    (.xForwardedProto, "x-forwarded-proto"), (.xForwardedHost, "x-forwarded-host"), (.via, "via"),
    (.ballastMirror, "x-ballast-mirror"),
    (.xRequestID, "x-request-id"), (.traceparent, "traceparent"), (.date, "date"),
    (.cookie, "cookie"), (.setCookie, "set-cookie"), (.tracestate, "tracestate"),
    (.forwarding, "forwarded"), (.forwarding, "x-real-ip"),
  ]

  private func identify(_ name: [UInt8], before: Int = 0, after: Int = 0) -> FieldName {
    let filler = [UInt8](repeating: UInt8(ascii: "g"), count: max(before, after))
    let bytes = filler.prefix(before) + name + filler.prefix(after)
    return FieldName.identify(Array(bytes).span, before, before + name.count)
  }

  private func identifyMethod(_ bytes: [UInt8]) -> Wire.Method {
    Method.identify(bytes.span, 0, bytes.count)
  }

  @Test func `a name is known in any case and anywhere in the bytes`() {
    for (name, text) in Self.names {
      #expect(identify(Array(text.utf8)) == name)
      #expect(identify(Array(text.uppercased().utf8), before: 3) == name)
      #expect(identify(Array(text.utf8), before: 1, after: 20) == name)
    }
  }

  @Test func `a name that differs in one byte is another`() {
    for (name, text) in Self.names {
      let bytes = Array(text.utf8)
      for place in bytes.indices {
        for byte in UInt8.min...UInt8.max where Octets.isToken(byte) {
          var other = bytes
          other[place] = byte
          let isSame = Octets.lowercased(byte) == bytes[place]
          let expected = isSame ? name : relative(other)
          #expect(identify(other, after: 9) == expected, "\(text) with \(byte) at \(place)")
        }
      }
      for other in [Array(bytes.dropLast()), bytes + [UInt8(ascii: "s")]] {
        #expect(identify(other) == relative(other))
      }
    }
  }

  /// What a name that is none of the known ones is taken for: its kin by prefix, and twins with `_`.
  private func relative(_ name: [UInt8]) -> FieldName {
    let plain = String(decoding: name, as: UTF8.self).lowercased()
    let dashed = plain.replacing("_", with: "-")
    let isTwin = dashed != plain
    if dashed == "x-forwarded" || dashed.hasPrefix("x-forwarded-") {
      return isTwin ? .underscored : .forwarding
    }
    let twins = [
      "x-request-id", "x-real-ip", "content-length", "transfer-encoding", "x-ballast-mirror",
    ]
    return isTwin && twins.contains(dashed) ? .underscored : .other
  }

  @Test func `a token is what the standard says`() {
    let marks = Set("!#$%&'*+-.^_`|~".utf8)
    for byte in UInt8.min...UInt8.max {
      let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
      let isDigit = (48...57).contains(byte)
      #expect(Octets.isToken(byte) == (isLetter || isDigit || marks.contains(byte)), "\(byte)")
    }
  }

  @Test func `methods are known in upper case only`() {
    let known = Method.allCases.filter { $0 != .other }
    for method in known {
      let bytes = Array(method.label.utf8)
      #expect(identifyMethod(bytes) == method)
      #expect(identifyMethod(Array(method.label.lowercased().utf8)) == .other)
      for place in bytes.indices {
        var other = bytes
        other[place] = UInt8(ascii: "X")
        #expect(identifyMethod(other) == .other)
      }
    }
    #expect(known.filter(\.isIdempotent) == [.get, .head, .put, .delete, .options])
    #expect(!Method.other.isIdempotent)
  }

  @Test func `what else says who the client is`() {
    for name in ["x-forwarded", "X-Forwarded-Port", "x-forwarded-f", "X-FORWARDED-SERVER-NAME"] {
      #expect(identify(Array(name.utf8), after: 3) == .forwarding, "\(name)")
    }
    for name in ["x-forwardedfor", "x-forwarder", "x-forward", "xforwarded-for", "forwarded-for"] {
      #expect(identify(Array(name.utf8), after: 3) == .other, "\(name)")
    }
  }

  @Test func `an underscore for a dash makes a twin of what we set or frame by`() {
    for name in [
      "x_forwarded_for", "X-Forwarded_Proto", "x_forwarded-host", "x_forwarded", "X_Real_IP",
      "x-real_ip", "x_request_id", "X-Request_Id", "content_length", "Transfer_Encoding",
    ] {
      #expect(identify(Array(name.utf8), after: 9) == .underscored, "\(name)")
    }
    for name in ["x_other", "a_b", "_", "x_reques", "x_request_ix", "content_lengtx", "x_real_ix"] {
      #expect(identify(Array(name.utf8), after: 9) == .other, "\(name)")
    }
  }
}
