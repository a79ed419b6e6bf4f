/// Looks at a chain from its beginning to its end, and names what is wrong.
///
/// The caller hands over `begin` once, every row in the order of its number, then `finish`. It computes
/// no hash itself: the caller lends it SHA-256.
public struct AuditVerifier {
  /// One row as it was read.
  public struct Row {
    public var number: Int64
    /// Of the row; nil where it is no hash.
    public var hash: AuditHash?
    /// `AuditChain.fields`, as they stand in the row.
    public var fields: [UInt8]
    public var removal: AuditRemoval?

    public init(number: Int64, hash: AuditHash?, fields: [UInt8]) {
      self.number = number
      self.hash = hash
      self.fields = fields
    }

    /// Of an entry of the action `audit.trim`.
    public mutating func readRemoval(subject: String?, after: String?) {
      removal = AuditRemoval(subject: subject, after: after)
    }
  }

  public static let mostFindings = 100
  /// Rows that do not fit and are looked at once more; more are named without.
  static let mostBroken = 16

  private struct Broken {
    var row: Row
    /// What was taken for the hash of the entry before.
    var former: AuditHash
    /// The row's own, by that.
    var computed: AuditHash
  }

  private let digest: ([UInt8]) -> AuditHash?
  private var heads: [Int64: Set<AuditHash>] = [:]
  private var headCount = 0
  private var compared = 0
  private var removed = AuditHead()
  private var attested: AuditRemoval?
  private var first: Int64?
  private var last = AuditHead()
  private var entries: Int64 = 0
  /// The hash that the row before has, and the one that it should have, where that is another.
  private var former = AuditHash.genesis
  private var properFormer: AuditHash?
  /// The row follows a gap: what its hash goes on from is not known.
  private var isAfterGap = false
  private var broken: [Broken] = []
  private var findings: [AuditFinding] = []
  private var leftOut = 0
  private var scratch: [UInt8] = []

  /// - Parameters:
  ///   - heads: ends of the chain that were kept elsewhere.
  ///   - digest: SHA-256; nil when it can't be computed.
  public init(heads: [AuditHead] = [], digest: @escaping ([UInt8]) -> AuditHash?) {
    self.digest = digest
    for head in heads where head.number > 0 {
      self.heads[head.number, default: []].insert(head.hash)
    }
    headCount = self.heads.values.reduce(0) { $0 + $1.count }
  }

  /// - Parameter removed: the last entry that went because there were too many.
  public mutating func begin(after removed: AuditHead) {
    self.removed = removed
    last = removed
    former = removed.hash
    if let kept = heads[removed.number] { compare(kept, removed) }
  }

  public mutating func take(_ row: Row) {
    if first == nil { first = row.number }
    entries &+= 1
    if let removal = row.removal { attested = removal }
    let expected = last.number &+ 1
    if row.number != expected { noteGap(expected, row.number) }
    check(row)
    let hash = row.hash ?? .genesis
    if let kept = heads[row.number] { compare(kept, AuditHead(number: row.number, hash: hash)) }
    last = AuditHead(number: row.number, hash: hash)
  }

  private mutating func noteGap(_ expected: Int64, _ found: Int64) {
    if found > expected {
      add(missing(expected, found &- 1, "not there"))
    } else {
      add(AuditFinding(.ends, found, "entry \(found) stands before the beginning of the chain"))
    }
    isAfterGap = true
  }

  private mutating func check(_ row: Row) {
    defer { isAfterGap = false }
    guard let hash = row.hash else {
      add(AuditFinding(.altered, row.number, "entry \(row.number) has no hash in the place of one"))
      goOn(from: computed(row, after: former))
      return
    }
    // Behind a gap nothing says what came before, so the hash is taken as it stands.
    if isAfterGap || follows(row, hash) { return goOn(from: hash) }
    let own = computed(row, after: former)
    goOn(from: hash, or: own)
    if broken.count < Self.mostBroken {
      broken.append(Broken(row: row, former: last.hash, computed: own))
    } else {
      add(altered(row.number))
    }
  }

  private mutating func follows(_ row: Row, _ hash: AuditHash) -> Bool {
    if computed(row, after: former) == hash { return true }
    guard let properFormer else { return false }
    return computed(row, after: properFormer) == hash
  }

  private mutating func goOn(from hash: AuditHash, or proper: AuditHash? = nil) {
    former = hash
    properFormer = proper
  }

  private mutating func compare(_ kept: Set<AuditHash>, _ found: AuditHead) {
    compared += kept.count
    guard kept.contains(where: { $0 != found.hash }) else { return }
    add(
      AuditFinding(
        .replaced, found.number,
        "entry \(found.number) is another one than the head that was kept elsewhere says: it, or "
          + "one before it, was written anew"))
  }

  /// - Parameter head: what the store says that the chain ends with; nil where it says nothing.
  public mutating func finish(head: AuditHead?) -> AuditVerdict {
    resolveBroken()
    checkBeginning()
    checkEnd(head)
    findings.sort { ($0.number, $0.kind.rawValue) < ($1.number, $1.kind.rawValue) }
    return AuditVerdict(
      sound: findings.isEmpty && leftOut == 0, entries: entries, first: first,
      last: entries > 0 ? last.number : nil, hash: entries > 0 ? last.hash : nil,
      heads: headCount, headsCompared: compared, findings: findings, findingsLeftOut: leftOut)
  }

  // MARK: What does not fit

  /// A row that does not follow from the one before it may be sound, and stand behind one that is not,
  /// or stand in another's place.
  private mutating func resolveBroken() {
    let formers = Set(
      broken.flatMap { [$0.former, $0.computed] + [$0.row.hash].compactMap { $0 } })
    let numbers = broken.map(\.row.number)
    for row in broken.map(\.row) {
      // Its own number first: then it is sound.
      let home = ([row.number] + numbers).first { number in
        formers.contains { Self.computed(row, as: number, after: $0, digest) == row.hash }
      }
      if home == row.number { continue }
      if let home {
        add(
          AuditFinding(
            .misplaced, row.number,
            "in the place of entry \(row.number) stands entry \(home)"))
      } else {
        add(altered(row.number))
      }
    }
    broken = []
  }

  private mutating func checkBeginning() {
    guard removed.number > 0, attested?.through != removed else { return }
    add(
      AuditFinding(
        .ends, removed.number,
        "entries up to \(removed.number) are not there, and no entry says that they were removed "
          + "for their number"))
  }

  private mutating func checkEnd(_ head: AuditHead?) {
    if let head {
      if head.number > last.number {
        add(missing(last.number &+ 1, head.number, "not there: the end is cut off"))
      } else if head.number < last.number {
        add(
          AuditFinding(
            .added, head.number &+ 1, through: last.number,
            "entries behind the end of the chain, \(head.number)"))
      } else if head.hash != last.hash, !findings.contains(where: { $0.number == last.number }) {
        add(
          AuditFinding(
            .ends, head.number, "the store has another hash for its last entry, \(head.number)"))
      }
    } else if entries > 0 {
      add(AuditFinding(.ends, last.number, "the store does not say where the chain ends"))
    }
    let beyond = heads.keys.filter { $0 > last.number }
    compared += beyond.reduce(0) { $0 + (heads[$1]?.count ?? 0) }
    guard let farthest = beyond.max(), farthest > (head?.number ?? 0) else { return }
    add(
      missing(
        max(last.number, head?.number ?? 0) &+ 1, farthest,
        "not there, and a head that was kept elsewhere names \(farthest): the end is cut off"))
  }

  // MARK: Words

  private func missing(_ number: Int64, _ through: Int64, _ what: String) -> AuditFinding {
    AuditFinding(
      .missing, number, through: through,
      number == through
        ? "entry \(number) is \(what)" : "entries \(number) to \(through) are \(what)")
  }

  private func altered(_ number: Int64) -> AuditFinding {
    AuditFinding(.altered, number, "entry \(number) is not as it was written")
  }

  private mutating func add(_ finding: AuditFinding) {
    if findings.count < Self.mostFindings { findings.append(finding) } else { leftOut += 1 }
  }

  private mutating func computed(_ row: Row, after former: AuditHash) -> AuditHash {
    AuditChain.write(after: former, number: row.number, fields: row.fields, to: &scratch)
    return digest(scratch) ?? .genesis
  }

  private static func computed(
    _ row: Row, as number: Int64, after former: AuditHash, _ digest: ([UInt8]) -> AuditHash?
  ) -> AuditHash? {
    var bytes: [UInt8] = []
    AuditChain.write(after: former, number: number, fields: row.fields, to: &bytes)
    return digest(bytes)
  }
}
