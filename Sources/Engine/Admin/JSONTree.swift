/// A JSON value that is built by hand.
indirect enum JSONTree: Encodable, ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByArrayLiteral
{
  case text(String)
  case number(Int)
  case truth(Bool)
  case list([JSONTree])
  case object([String: JSONTree])

  init(stringLiteral text: String) { self = .text(text) }
  init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
  init(dictionaryLiteral members: (String, JSONTree)...) {
    self = .object(Dictionary(members) { $1 })
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .truth(let truth): try container.encode(truth)
    case .list(let list): try container.encode(list)
    case .object(let members): try container.encode(members)
    }
  }
}
