import Accounts
import CCrypto
import EventLoop
import Glibc
import Primitives
import Synchronization

/// Makes hashes of passwords, one at a time and on a thread of its own that rests as long as it worked
/// while others wait: however many sign in at once, they take 32 MiB and half a core.
final class PasswordHasher: Sendable {
  /// That wait for their turn; a hash takes a quarter of a second.
  static let waitingLimit = 8
  static let longestRest = TimeSpan.seconds(1)

  enum Outcome: Sendable, Equatable {
    case hash([UInt8])
    /// Too many wait.
    case busy
    /// There is no memory for it, or no thread.
    case failed
  }

  private struct Job {
    var password: [UInt8]
    var salt: [UInt8]
    var cost: PasswordHash.Cost
    var done: CheckedContinuation<Outcome, Never>
  }

  private struct Line {
    var jobs: [Job] = []
    var hasThread = false
  }

  private let line = Mutex(Line())

  func hash(
    _ password: String, salt: [UInt8], cost: PasswordHash.Cost = .usual
  ) async -> Outcome {
    await withCheckedContinuation { done in
      let job = Job(password: Array(password.utf8), salt: salt, cost: cost, done: done)
      enum Next { case wait, start, refuse }
      let next = line.withLock { line -> Next in
        guard line.jobs.count < Self.waitingLimit else { return .refuse }
        line.jobs.append(job)
        defer { line.hasThread = true }
        return line.hasThread ? .wait : .start
      }
      switch next {
      case .wait: break
      case .refuse: done.resume(returning: .busy)
      case .start: start()
      }
    }
  }

  /// A fresh salt's; nil says why by `outcome`.
  func hash(new password: String) async -> (text: String?, outcome: Outcome) {
    guard let salt = RandomText.bytes(PasswordHash.saltBytes) else { return (nil, .failed) }
    let outcome = await hash(password, salt: salt)
    guard case .hash(let hash) = outcome else { return (nil, outcome) }
    return (PasswordHash(cost: .usual, salt: salt, hash: hash).text, outcome)
  }

  /// Takes as long when there is nothing to compare with, and says no.
  /// - Parameter text: of a `PasswordHash`.
  /// - Returns: nil when it can't be told now.
  func matches(_ password: String, _ text: String?) async -> Bool? {
    let known = text.flatMap { PasswordHash($0) }
    let salt = known?.salt ?? [UInt8](repeating: 0, count: PasswordHash.saltBytes)
    guard case .hash(let hash) = await hash(password, salt: salt, cost: known?.cost ?? .usual)
    else { return nil }
    return known?.matches(hash) ?? false
  }

  private func start() {
    do throws(SystemError) {
      try LoopThread.start("passwords") { self.work() }
    } catch {
      let jobs = line.withLock { line in
        defer { line = Line() }
        return line.jobs
      }
      for job in jobs { job.done.resume(returning: .failed) }
    }
  }

  private func work() {
    while true {
      let job = line.withLock { line -> Job? in
        guard let first = line.jobs.first else {
          line.hasThread = false
          return nil
        }
        return first
      }
      guard let job else { return }
      let began = Clock.now
      let outcome = Self.scrypt(job)
      // It held its place in the line until now.
      let isAlone = line.withLock { line in
        line.jobs.removeFirst()
        return line.jobs.isEmpty
      }
      job.done.resume(returning: outcome)
      if !isAlone { Self.rest(min(Clock.now - began, Self.longestRest)) }
    }
  }

  private static func rest(_ span: TimeSpan) {
    usleep(UInt32(clamping: span.milliseconds) * 1_000)
  }

  private static func scrypt(_ job: Job) -> Outcome {
    var hash = [UInt8](repeating: 0, count: PasswordHash.hashBytes)
    // The library takes no empty password by a null pointer.
    let password = job.password.map { CChar(bitPattern: $0) } + [0]
    let result = unsafe EVP_PBE_scrypt(
      password, job.password.count, job.salt, job.salt.count, 1 << UInt64(job.cost.logN),
      UInt64(job.cost.r), UInt64(job.cost.p), UInt64(2 * PasswordHash.Cost.mostMemory), &hash,
      hash.count)
    return result == 1 ? .hash(hash) : .failed
  }
}
