import Primitives

/// The configuration's description for other programs, and for people.
public enum ConfigurationSchema {
  /// A JSON Schema (draft 2020-12). It takes every file that the loader takes; the loader also
  /// checks what a schema can't say, such as references. A tag (`!file`) is seen as its text.
  public static func json() -> String {
    let members: [(String, JSONText)] = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string("Ballast configuration")),
    ]
    return JSONText.object(members + object(ConfigurationKeys.root)).rendered() + "\n"
  }

  private static func object(_ description: ObjectDescription) -> [(String, JSONText)] {
    let properties = description.keys.map { key -> (String, JSONText) in
      var members: [(String, JSONText)] = [("description", .string(key.summary))]
      // A `$ref` or a type beside a description is fine in this draft.
      members += schema(key.shape)
      return (key.name, .object(members))
    }
    var members: [(String, JSONText)] = [
      ("type", .array([.string("object")] + (description.needsNothing ? [.string("null")] : []))),
      ("additionalProperties", .boolean(false)),
      ("properties", .object(properties)),
    ]
    let required = description.keys.filter(\.isRequired).map { JSONText.string($0.name) }
    if !required.isEmpty { members.append(("required", .array(required))) }
    if !description.oneOf.isEmpty {
      // At most one: no two of them together.
      let pairs = description.oneOf.indices.flatMap { first in
        description.oneOf.indices.filter { $0 > first }.map { second in
          JSONText.object([
            (
              "required",
              .array([
                .string(description.oneOf[first]), .string(description.oneOf[second]),
              ])
            )
          ])
        }
      }
      members.append(("not", .object([("anyOf", .array(pairs))])))
    }
    return members
  }

  private static func schema(_ shape: Shape) -> [(String, JSONText)] {
    switch shape {
    case .object(let description): return object(description)
    case .table(let value, let keys):
      return [
        ("type", .array([.string("object"), .string("null")])),
        ("propertyNames", .object([("pattern", .string(pattern(keys)))])),
        ("additionalProperties", .object(schema(value))),
        ("maxProperties", .integer(ConfigurationKeys.mostNames)),
      ]
    case .list(let item, let count):
      let types: [JSONText] =
        count.contains(0) ? [.string("array"), .string("null")] : [.string("array")]
      return [
        ("type", types.count == 1 ? types[0] : .array(types)),
        ("items", .object(schema(item))),
        ("minItems", .integer(count.lowerBound)), ("maxItems", .integer(count.upperBound)),
      ]
    case .oneOrMore(let item, let most):
      let list = schema(.list(item, count: 1...most))
      return [("anyOf", .array([.object(list), .object(schema(item))]))]
    case .shorthand(let short, let description):
      return [
        ("anyOf", .array([.object(schema(short)), .object(object(description))]))
      ]
    case .integer(let range):
      return [
        ("type", .array([.string("integer"), .string("string")])),
        ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound)),
        ("pattern", .string(orReference("-?[0-9]+"))),
      ]
    case .number(let range):
      return [
        ("type", .array([.string("number"), .string("string")])),
        ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound)),
        ("pattern", .string(orReference("[0-9]+(\\.[0-9]+)?"))),
      ]
    case .boolean:
      return [
        ("type", .array([.string("boolean"), .string("string")])),
        ("pattern", .string(orReference("true|false"))),
      ]
    case .size:
      return [
        ("type", .array([.string("integer"), .string("string")])),
        ("minimum", .integer(0)),
        ("pattern", .string(orReference("[0-9]+(\\.[0-9]+)?[KMGT]iB?|[0-9]+"))),
      ]
    case .duration: return text(orReference("[0-9]+(\\.[0-9]+)?(ms|s|m|h)"))
    case .share: return text(orReference("[0-9]+(\\.[0-9]+)?%"))
    case .address: return text(orReference("unix:.+|.*:[0-9]{1,5}"))
    case .choice(let values, _): return text(orReference(values.joined(separator: "|")))
    case .statusRange:
      return [
        ("type", .array([.string("integer"), .string("string")])),
        ("minimum", .integer(100)), ("maximum", .integer(599)),
        ("pattern", .string(orReference("[1-5][0-9][0-9](-[1-5][0-9][0-9])?"))),
      ]
    case .file: return text("^.+$")
    case .text(let rule):
      let types = ["string", "number", "boolean"].map(JSONText.string)
      return [("type", .array(types)), ("pattern", .string(pattern(rule)))]
    }
  }

  private static func text(_ pattern: String) -> [(String, JSONText)] {
    [("type", .string("string")), ("pattern", .string(pattern))]
  }

  /// The pattern, or a text that holds a reference to the environment.
  private static func orReference(_ pattern: String) -> String { "^(\(pattern))$|\\$\\{" }

  private static func pattern(_ rule: TextRule) -> String {
    switch rule {
    case .name: orReference("[A-Za-z0-9_.-]{1,\(TextRule.longestName)}")
    case .environmentName: "^[A-Za-z_][A-Za-z0-9_]*$"
    case .hostName: orReference("[A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\]")
    case .hostPattern: orReference("(\\*\\.)?[A-Za-z0-9_.-]+|\\[[0-9A-Fa-f:.]+\\]")
    case .routePath, .requestPath: orReference("/.*")
    case .method: orReference("[A-Z0-9!#$%&'*+.^_`|~-]{1,\(TextRule.longestName)}")
    case .matchedField, .requestField, .answerField:
      "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,\(TextRule.longestLabel)}$"
    case .parameterName: "^.{1,\(TextRule.longestLabel)}$"
    case .condition, .template: "^"
    case .expression: "^.+$"
    case .label, .versionedLabel, .filePath, .versionedPath, .logTarget: "^.+$"
    case .mediaType: orReference("[^/*]+/([^/*]+|\\*)|\\*\\+[^/*]+")
    case .errorStatus: "^([45][0-9][0-9]|[45]xx)$"
    case .requestKey:
      orReference("client-ip|client-port|host|path|uri|(header|cookie|query|time):.+")
    case .addressBlock: orReference("[0-9.]+(/[0-9]+)?|[0-9A-Fa-f:.]+(/[0-9]+)?")
    case .countOrShare: orReference("[0-9]+%?")
    case .rate: orReference("[0-9]+/[smh]")
    case .rateKey: orReference("client-ip|all|(header|cookie):.+")
    case .fileMode: orReference("0?[0-7]{3}")
    case .clockTime: orReference("([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00")
    case .weekdays:
      orReference("(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?")
    case .cookieName: orReference("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,\(TextRule.longestName)}")
    case .fieldName: orReference("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,\(TextRule.longestLabel)}")
    case .free, .perReplica, .perRelease, .perCheck, .perPromotion, .logTemplate,
      .messageTitle, .messageLine:
      "^"
    }
  }
}

extension ObjectDescription {
  /// Whether it may be left empty.
  var needsNothing: Bool { !keys.contains(where: \.isRequired) }
}
