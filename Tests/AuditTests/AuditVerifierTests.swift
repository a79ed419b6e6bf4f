import Audit
import Primitives
import Testing

struct AuditVerifierTests {
  /// Not SHA-256, but as unlike for unlike bytes: FNV-1a, four times over.
  private static func digest(_ bytes: [UInt8]) -> AuditHash? {
    var words: [UInt8] = []
    for seed in UInt64(1)...4 {
      var hash = 0xcbf2_9ce4_8422_2325 &+ seed
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      words += (0..<8).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) }
    }
    return AuditHash(bytes: words)
  }

  private static func record(_ number: Int64) -> AuditRecord {
    AuditRecord(
      at: WallTime(milliseconds: number), source: .command, actor: "ann", from: "unix:uid 0",
      action: "service.scale", subject: "shop", before: "{\"replicas\":\(number)}",
      after: "{\"replicas\":\(number + 1)}")
  }

  private static func rows(_ count: Int64, from start: AuditHead = AuditHead())
    -> [AuditVerifier.Row]
  {
    var (rows, former) = ([AuditVerifier.Row](), start)
    for number in (start.number + 1)...(start.number + count) {
      let row = row(number, record(number), after: former.hash)
      rows.append(row)
      former = AuditHead(number: number, hash: row.hash ?? .genesis)
    }
    return rows
  }

  private static func row(
    _ number: Int64, _ record: AuditRecord, after former: AuditHash
  ) -> AuditVerifier.Row {
    let fields = AuditChain.fields(of: record)
    var bytes: [UInt8] = []
    AuditChain.write(after: former, number: number, fields: fields, to: &bytes)
    var row = AuditVerifier.Row(number: number, hash: digest(bytes), fields: fields)
    if record.action == AuditRemoval.action {
      row.readRemoval(subject: record.subject, after: record.after)
    }
    return row
  }

  private static func head(_ rows: [AuditVerifier.Row]) -> AuditHead? {
    rows.last.flatMap { row in row.hash.map { AuditHead(number: row.number, hash: $0) } }
  }

  private func verdict(
    _ rows: [AuditVerifier.Row], head: AuditHead?, removed: AuditHead = AuditHead(),
    kept: [AuditHead] = []
  ) -> AuditVerdict {
    var verifier = AuditVerifier(heads: kept, digest: Self.digest)
    verifier.begin(after: removed)
    for row in rows { verifier.take(row) }
    return verifier.finish(head: head)
  }

  private func findings(_ verdict: AuditVerdict) -> [String] {
    verdict.findings.map {
      "\($0.kind.rawValue) \($0.number)" + ($0.through.map { "-\($0)" } ?? "")
    }
  }

  @Test func `a chain as it was written is sound, and so is an empty one`() {
    let rows = Self.rows(50)
    let whole = verdict(rows, head: Self.head(rows))
    #expect(whole.sound)
    #expect(whole.entries == 50 && whole.first == 1 && whole.last == 50)
    #expect(whole.hash == rows.last?.hash)
    #expect(verdict([], head: nil).sound)
    #expect(verdict([], head: AuditHead()).sound)
  }

  @Test func `whichever byte of whichever field changes, its entry is named and no other`() {
    let rows = Self.rows(6)
    let head = Self.head(rows)
    for place in rows.indices {
      for byte in rows[place].fields.indices {
        var altered = rows
        altered[place].fields[byte] ^= 0x20
        #expect(findings(verdict(altered, head: head)) == ["altered \(place + 1)"])
      }
    }
  }

  @Test func `a hash that was changed names its own entry, and not the one that goes on from it`() {
    let rows = Self.rows(6)
    var altered = rows
    altered[2].hash = rows[4].hash
    #expect(findings(verdict(altered, head: Self.head(rows))) == ["altered 3"])
    altered = rows
    altered[2].hash = nil
    #expect(findings(verdict(altered, head: Self.head(rows))) == ["altered 3"])
  }

  @Test func `a row that was removed is named, wherever it stood`() {
    let rows = Self.rows(9)
    for place in rows.indices {
      var cut = rows
      cut.remove(at: place)
      #expect(findings(verdict(cut, head: Self.head(rows))) == ["missing \(place + 1)"])
    }
    var several = rows
    several.removeSubrange(2..<5)
    #expect(findings(verdict(several, head: Self.head(rows))) == ["missing 3-5"])
  }

  @Test func `a row that was removed and the others counted anew is found as well`() {
    let rows = Self.rows(9)
    var cut = rows
    cut.remove(at: 3)
    for place in cut.indices { cut[place].number = Int64(place + 1) }
    let head = AuditHead(number: 8, hash: rows[8].hash ?? .genesis)
    #expect(findings(verdict(cut, head: head)).first == "altered 4")
  }

  @Test func `two entries that changed places are both named, and nobody else`() {
    let rows = Self.rows(12)
    for first in 0..<11 {
      for second in (first + 1)..<12 {
        var swapped = rows
        swapped.swapAt(first, second)
        swapped[first].number = Int64(first + 1)
        swapped[second].number = Int64(second + 1)
        let found = verdict(swapped, head: Self.head(rows)).findings
        #expect(found.map(\.kind) == [.misplaced, .misplaced])
        #expect(found.map(\.number) == [Int64(first + 1), Int64(second + 1)])
        #expect(found.first?.message.contains("stands entry \(second + 1)") == true)
      }
    }
  }

  @Test func `contents that changed places under their numbers and hashes are both named`() {
    let rows = Self.rows(12)
    var swapped = rows
    swapped[3].fields = rows[8].fields
    swapped[8].fields = rows[3].fields
    #expect(findings(verdict(swapped, head: Self.head(rows))) == ["altered 4", "altered 9"])
  }

  @Test func `an end that is cut off is named by the store's word, or by a head from elsewhere`() {
    let rows = Self.rows(10)
    let cut = Array(rows.prefix(7))
    #expect(findings(verdict(cut, head: Self.head(rows))) == ["missing 8-10"])
    // Whoever cuts can also write another end.
    #expect(verdict(cut, head: Self.head(cut)).sound)
    let kept = [Self.head(Array(rows.prefix(4))), Self.head(rows)].compactMap { $0 }
    let found = verdict(cut, head: Self.head(cut), kept: kept)
    #expect(findings(found) == ["missing 8-10"])
    #expect(found.heads == 2 && found.headsCompared == 2)
    #expect(!verdict([], head: nil, kept: kept).sound)
  }

  @Test func `a chain that was written anew differs from a head that was kept elsewhere`() {
    let rows = Self.rows(10)
    let kept = Self.head(Array(rows.prefix(6)))
    var other = Array(rows.prefix(3))
    var former = other[2].hash ?? .genesis
    for number in Int64(4)...10 {
      var record = Self.record(number)
      record.actor = "nobody"
      let row = Self.row(number, record, after: former)
      other.append(row)
      former = row.hash ?? .genesis
    }
    #expect(verdict(other, head: Self.head(other)).sound)
    let found = verdict(other, head: Self.head(other), kept: [kept].compactMap { $0 })
    #expect(findings(found) == ["replaced 6"])
  }

  @Test func `entries behind the end are named`() {
    let rows = Self.rows(10)
    #expect(
      findings(verdict(rows, head: Self.head(Array(rows.prefix(8))))) == ["added 9-10"])
  }

  @Test func `a beginning that was removed for its number is sound when an entry says so`() {
    let rows = Self.rows(20)
    let through = Self.head(Array(rows.prefix(8))) ?? AuditHead()
    let removal = AuditRemoval(through: through)
    let record = removal.record(at: WallTime(milliseconds: 1), keep: 12)
    let last = Self.row(21, record, after: rows[19].hash ?? .genesis)
    let kept = Array(rows.dropFirst(8)) + [last]
    #expect(verdict(kept, head: Self.head(kept), removed: through).sound)
    // Somebody cuts more, and moves the beginning.
    let further = Self.head(Array(rows.prefix(10))) ?? AuditHead()
    let cut = Array(rows.dropFirst(10)) + [last]
    #expect(findings(verdict(cut, head: Self.head(cut), removed: further)) == ["ends 10"])
    #expect(findings(verdict(cut, head: Self.head(cut), removed: through)) == ["missing 9-10"])
  }

  @Test func `the oldest go by tenths, so that an entry of a removal is rare`() {
    #expect(AuditRemoval.due(count: 1_000, keep: 1_000) == 0)
    #expect(AuditRemoval.due(count: 1_100, keep: 1_000) == 0)
    #expect(AuditRemoval.due(count: 1_101, keep: 1_000) == 101)
    #expect(AuditRemoval.due(count: 5, keep: 0) == 4)
  }

  @Test func `findings without end are counted, not kept`() {
    let rows = Self.rows(400).enumerated().map { place, row in
      var row = row
      if place.isMultiple(of: 2) { row.fields[3] ^= 1 }
      return row
    }
    let found = verdict(rows, head: Self.head(rows))
    #expect(found.findings.count == AuditVerifier.mostFindings)
    #expect(found.findingsLeftOut == 100)
    #expect(!found.sound)
  }

  @Test func `a text that is too long is cut at a character, and a value is left out whole`() {
    var record = Self.record(1)
    record.actor = String(repeating: "é", count: 1_000)
    record.after = "\"" + String(repeating: "x", count: 20_000) + "\""
    let bounded = record.bounded
    #expect(bounded.actor == String(repeating: "é", count: 128) + "…")
    #expect(bounded.after == #"{"leftOut":"20002 bytes"}"#)
    #expect(bounded.before == record.before)
  }

  @Test func `a hash reads what it writes, and nothing else`() {
    let text = String(repeating: "0f", count: 31) + "a7"
    #expect(AuditHash(text)?.description == text)
    #expect(AuditHash(text.uppercased())?.description == text)
    #expect(AuditHash(String(text.dropLast())) == nil)
    #expect(AuditHash(String(repeating: "g", count: 64)) == nil)
    #expect(AuditHash(bytes: [1, 2, 3]) == nil)
  }
}
