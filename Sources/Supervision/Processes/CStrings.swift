import Glibc

/// A list of C strings with a null pointer at its end, as exec takes it, for the time of one call.
enum CStrings {
  typealias List = UnsafePointer<UnsafeMutablePointer<CChar>?>

  static func with<Result>(_ texts: [String], _ body: (List) -> Result) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a list ends with null") }
      return unsafe body(base)
    }
  }
}
