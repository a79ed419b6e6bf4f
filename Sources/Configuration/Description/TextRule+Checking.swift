import Alerting
import Primitives

extension TextRule {
  static let longestName = 64
  static let longestLabel = 256
  static let longestText = 64 << 10
  static let longestPath = 4096

  /// What is wrong with a text, and what to write instead; nil when it is good.
  func problem(with text: String) -> (message: String, help: String)? {
    let bytes = text.utf8
    guard bytes.count <= Self.longestText, !bytes.contains(0) else {
      return (
        "it is longer than 64 KiB, or contains a NUL",
        "write shorter text without control characters"
      )
    }
    switch self {
    case .name:
      guard (1...Self.longestName).contains(bytes.count), bytes.allSatisfy(Self.isNameByte) else {
        return (
          "\(Quoted.value(text)) is not a name",
          "a name has 1 to 64 of the characters A-Z a-z 0-9 _ . -"
        )
      }
    case .label, .versionedLabel:
      guard (1...Self.longestLabel).contains(bytes.count), bytes.allSatisfy({ $0 >= 32 }) else {
        return (
          "\(Quoted.value(text)) is empty, too long, or has control characters",
          "write 1 to 256 printable characters"
        )
      }
    case .free, .perReplica, .perRelease, .perCheck, .perPromotion: break
    case .requestKey:
      do throws(RequestKeySettings.Problem) {
        _ = try RequestKeySettings(text)
      } catch {
        return (error.message, error.help)
      }
    case .addressBlock: return Self.addressBlockProblem(text)
    case .logTemplate:
      do throws(LogTemplate.Problem) {
        _ = try LogTemplate(text)
      } catch {
        return (error.message, error.help)
      }
    case .messageTitle: return MessageTemplate.problem(with: text, for: .title)
    case .messageLine: return MessageTemplate.problem(with: text, for: .line)
    case .mediaType:
      guard Self.isMediaType(text) else {
        return (
          "\(Quoted.value(text)) is not a media type",
          "write a type such as text/html, 'text/*' for all of a kind, or '*+json' for a suffix"
        )
      }
    case .errorStatus:
      guard ScalarText.errorStatus(text) != nil else {
        return (
          "\(Quoted.value(text)) is no status of an error",
          "write one of 400 to 599, or 4xx or 5xx for all that are not written"
        )
      }
    case .fieldName:
      guard Self.isToken(text), bytes.count <= Self.longestLabel else {
        return (
          "\(Quoted.value(text)) is not the name of a header field",
          "it has 1 to 256 letters, digits and characters such as '-' and '_'"
        )
      }
    case .countOrShare:
      let number = text.hasSuffix("%") ? String(text.dropLast()) : text
      let most = text.hasSuffix("%") ? 100 : 1_000
      guard let value = Int(number), (0...most).contains(value),
        number.utf8.allSatisfy({ (48...57).contains($0) })
      else {
        return ("\(Quoted.value(text)) is neither a number nor a share", "write '1' or '25%'")
      }
    case .rate:
      guard RateLimitSettings.rate(text) != nil else {
        return ("\(Quoted.value(text)) is not a rate", RateLimitSettings.rateForms)
      }
    case .rateKey:
      guard RateLimitSettings.Key(text) != nil else {
        return (
          "\(Quoted.value(text)) is nothing that clients can be told apart by here",
          "write \(RateLimitSettings.keyForms)"
        )
      }
    case .cookieName:
      guard Self.isToken(text), bytes.count <= Self.longestName else {
        return (
          "\(Quoted.value(text)) is not a cookie's name",
          "it has 1 to 64 letters, digits and characters such as '-' and '_'"
        )
      }
    case .environmentName: return Self.environmentProblem(text)
    case .hostName: return Self.hostProblem(text)
    case .hostPattern, .routePath, .method, .matchedField, .parameterName, .condition, .expression,
      .template, .requestField, .answerField:
      return matchProblem(with: text)
    case .requestPath:
      guard text.hasPrefix("/"), bytes.count <= Self.longestPath,
        bytes.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 35 })
      else {
        return (
          "\(Quoted.value(text)) is not a path to ask for",
          "a path begins with '/' and has no space, '#' or control character"
        )
      }
    case .fileMode:
      guard (3...4).contains(bytes.count), bytes.allSatisfy({ (48...55).contains($0) }),
        bytes.count == 3 || bytes.first == 48
      else {
        return (
          "\(Quoted.value(text)) is not a file's permissions",
          "write them in octal, such as \"0660\""
        )
      }
    case .clockTime:
      guard WeekTimes.minutes(text) != nil else {
        return (
          "\(Quoted.value(text)) is not a time of the day", "write one from \"00:00\" to \"24:00\""
        )
      }
    case .weekdays:
      guard WeekTimes.days(text) != nil else {
        return (
          "\(Quoted.value(text)) is not a day of the week",
          "write one of \(WeekTimes.names.joined(separator: ", ")), or two such as mon-fri"
        )
      }
    case .filePath, .versionedPath, .logTarget:
      guard (1...Self.longestPath).contains(bytes.count), bytes.allSatisfy({ $0 >= 32 }) else {
        return ("\(Quoted.value(text)) is not a file's path", "write a path of 1 to 4096 bytes")
      }
    }
    return nil
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95: true
    default: false
    }
  }

  /// RFC 9110, section 5.6.2; RFC 6265 takes it for the names of cookies.
  static func isToken(_ text: some StringProtocol) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { isNameByte($0) || Array("!#$%&'*+^`|~".utf8).contains($0) }
  }

  /// RFC 6838 section 4.2, with `*` in the place of the subtype or before a suffix.
  private static func isMediaType(_ text: String) -> Bool {
    if text.utf8.count > longestLabel { return false }
    if text.hasPrefix("*+") { return isToken(text.dropFirst(2)) && !text.dropFirst().contains("*") }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, isToken(parts[0]), !parts[0].contains("*") else { return false }
    return parts[1] == "*" || isToken(parts[1]) && !parts[1].contains("*")
  }

  private static func addressBlockProblem(_ text: String) -> (message: String, help: String)? {
    do throws(AddressBlock.Problem) {
      _ = try AddressBlock(text)
      return nil
    } catch .strayBits(let meant) {
      return (
        "the address \(Quoted.value(text)) has bits behind its prefix", "write \(meant)"
      )
    } catch {
      return (
        "\(Quoted.value(text)) is neither an IP address nor a block of them",
        "write an address such as 10.0.0.7, or a block such as 10.0.0.0/8 or 2001:db8::/32"
      )
    }
  }

  private static func environmentProblem(_ text: String) -> (message: String, help: String)? {
    if text == "PORT" || text == "REPLICA" {
      return ("the variable \(text) is set by Ballast", "use another name, or leave it away")
    }
    let good = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 65...90, 97...122, 95: true
      case 48...57: index > 0
      default: false
      }
    }
    guard good, !text.isEmpty, text.utf8.count <= longestLabel else {
      return (
        "\(Quoted.value(text)) is not the name of a variable",
        "it has letters, digits and '_', and begins with no digit"
      )
    }
    return nil
  }

  static func hostProblem(_ text: String) -> (message: String, help: String)? {
    if text.contains("*") {
      return (
        "the host \(Quoted.value(text)) has a '*' that is not a first '*.'",
        "write a host, or one such as '*.example.com'"
      )
    }
    let isIPv6 = text.hasPrefix("[") && text.hasSuffix("]")
    let inner = isIPv6 ? text.dropFirst().dropLast() : text[...]
    let good = inner.utf8.allSatisfy { isNameByte($0) || (isIPv6 && $0 == 58) }
    if !isIPv6, let colon = text.lastIndex(of: ":"), !text.contains("/") {
      return (
        "a host here has no port: \(Quoted.value(text))",
        "write \(Quoted.value(String(text[..<colon])))"
      )
    }
    guard good, (1...253).contains(inner.utf8.count), inner != ".", !inner.contains("..") else {
      return (
        "\(Quoted.value(text)) is not a host",
        "write a host such as shop.example.com, without 'http://', path or port"
      )
    }
    return nil
  }
}
