extension ConfigurationSchema {
  /// The reference of all keys, as it stands in `docs/reference/configuration.md`.
  public static func markdown() -> String {
    var pages = [introduction]
    var section = Section(path: [], description: ConfigurationKeys.root)
    section.collect(into: &pages)
    return pages.joined(separator: "\n")
  }

  private struct Section {
    var path: [String]
    var description: ObjectDescription

    mutating func collect(into pages: inout [String]) {
      pages.append(text)
      for key in description.keys {
        guard let (more, inner) = key.shape.innerObject, !inner.keys.isEmpty else { continue }
        var section = Section(path: path + [key.name] + more, description: inner)
        section.collect(into: &pages)
      }
    }

    private var text: String {
      let title = path.isEmpty ? "The top level" : "`\(path.joined(separator: "."))`"
      var text = "## \(title)\n\n\(description.summary)\n"
      text += "\n| key | value | default | meaning |\n|---|---|---|---|\n"
      for key in description.keys {
        let standard = key.isRequired ? "required" : key.standard.map { "`\($0)`" } ?? "none"
        let cells = [
          "`\(key.name)`", key.shape.description, standard,
          "\(key.summary) Example: `\(key.name): \(key.example)`",
        ]
        let row = cells.map { $0.split(separator: "|").joined(separator: "\\|") }
        text += "| \(row.joined(separator: " | ")) |\n"
      }
      if !description.oneOf.isEmpty {
        let names = description.oneOf.map { "`\($0)`" }.joined(separator: ", ")
        text += "\nAt most one of \(names).\n"
      }
      if !description.later.isEmpty {
        let names = description.later.map { "`\($0)`" }.joined(separator: ", ")
        text += "\nNot supported yet, and refused: \(names).\n"
      }
      return text
    }
  }

  private static let introduction = #"""
    # The configuration file

    This page is made from the same description that the loader checks files by; a test compares the two.
    `ballast check FILE` reports every mistake of a file with its place, and `ballast schema` prints a
    JSON Schema for editors.

    The smallest useful file:

    ```yaml
    listeners:
      web: { address: ":8080" }
    services:
      shop:
        servers: [ "10.0.0.11:8080", "10.0.0.12:8080" ]
    ```

    [`Examples/balancing`](../../Examples/balancing/ballast.yaml) uses most of what there is for balancing, sessions,
    detection and standby, with comments.

    ## How it is written

    - A configuration is one YAML file, or a folder whose `*.yaml` files are put together in the order of their
      names: maps merge, the lists under `routes` become one, and any other key that stands in two files is an error.
    - A file has one document, at most 1 MiB, at most 100,000 values with all aliases written out, nested at most 32 deep.
      A folder has at most 1,000 files. Duplicate keys and tabs as indentation are refused.
    - A key that isn't known is an error. So is one that is planned but not supported yet: nothing is ever ignored.
    - `${NAME}` in a value takes a variable of the environment, and it is an error when there is none;
      `${NAME:-default}` takes the default when there is none or it is empty. `$${` stands for `${` itself.
      Variables are put in after the YAML was read, so they can't add keys or items; keys take none.
    - In `run.command` and the values of `run.environment`, `${PORT}` and `${REPLICA}` are left for each replica's start;
      there, in `run.directory` and in `run.image`, `${VERSION}` is `run.version`, or the one that `ballast deploy` names.
    - In `redirect`, `rewrite` and the headers that a route changes, `${NAME}` is the environment's when NAME has capitals, digits
      and `_` alone; every other name is filled in for each request: [routing](../routing.md#variables).
    - In the same way, `health.command` and `standby.promote` leave the names that their keys tell.
    - `!file path` in the place of a value takes that file's text (64 KiB at most), without its last line break.
    - Relative paths start from the folder of the file, also that of `!file`.

    | value | is written |
    |---|---|
    | name | 1 to 64 of the characters `A-Z a-z 0-9 _ . -` |
    | duration | a number with `ms`, `s`, `m` or `h`: `500ms`, `1.5s`, `5m` |
    | size | bytes, or a number with `KiB`, `MiB`, `GiB`, `TiB` (`Ki`, `Mi`, `Gi`, `Ti` too): `256MiB` |
    | share | a number with `%`, from 0 to 100 where nothing else is said: `20%` |
    | address | `10.0.0.11:8080`, `[::1]:8080`, `localhost:8080`, `unix:/path`; to listen also `:8080`. Other host names are not supported yet. |

    """#
}

extension Shape {
  /// The map inside, with the path that leads to it.
  var innerObject: (path: [String], object: ObjectDescription)? {
    switch self {
    case .object(let object), .shorthand(_, let object): ([], object)
    case .oneOrMore(let item, _): item.innerObject
    case .table(let value, _): value.innerObject.map { (["NAME"] + $0.path, $0.object) }
    case .list(let item, _): item.innerObject.map { (["N"] + $0.path, $0.object) }
    default: nil
    }
  }

  /// What the reference says about the value.
  var description: String {
    switch self {
    case .choice(let values, let later):
      values.map { "`\($0)`" }.joined(separator: ", ")
        + (later.isEmpty
          ? "" : "; not supported yet: " + later.map { "`\($0)`" }.joined(separator: ", "))
    case .list(let item, _): "a list, each \(item.description)"
    case .oneOrMore(let item, _): "\(item.noun), or a list of them"
    case .shorthand(.choice(let values, _), _):
      values.map { "`\($0)`" }.joined(separator: ", ") + ", or a map"
    case .table(let value, .environmentName): "a map of variables, each \(value.noun)"
    case .table(let value, .errorStatus): "a map by status, each \(value.noun)"
    case .table(let value, .matchedField), .table(let value, .requestField),
      .table(let value, .answerField):
      "a map by header, each \(value.noun)"
    case .table(let value, .parameterName): "a map by parameter, each \(value.noun)"
    case .table(let value, _): "a map by name, each \(value.noun)"
    default: noun
    }
  }
}
