/// The OpenAPI 3.1 document, made from the endpoint table.
enum OpenAPIDocument {
  static func make(version: String) -> JSONTree {
    var paths: [String: [String: JSONTree]] = [:]
    for endpoint in Endpoint.allCases {
      let description = endpoint.description
      paths[description.path, default: [:]][description.method.lowercased()] = operation(
        endpoint, description)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Ballast admin API", "version": .text(version),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": ["schemas": APISchema.components],
    ]
  }

  private static func operation(
    _ endpoint: Endpoint, _ description: Endpoint.Description
  ) -> JSONTree {
    var operation: [String: JSONTree] = [
      "operationId": .text(endpoint.rawValue), "summary": .text(description.about),
      "x-ballast-role": .text(endpoint.access.name),
      "responses": .object([
        "\(description.status)": [
          "description": "Done.", "content": content(description.answer),
        ],
        "default": ["description": "An error.", "content": content("ErrorAnswer")],
      ]),
    ]
    let parameters = pathParameters(description.path) + description.parameters.map(parameter)
    if !parameters.isEmpty { operation["parameters"] = .list(parameters) }
    if let body = description.body {
      operation["requestBody"] = [
        "required": .truth(body != "{}"),
        "content": body == "{}"
          ? ["application/json": ["schema": ["type": "object"]]] : content(body),
      ]
    }
    return .object(operation)
  }

  private static func parameter(_ parameter: Endpoint.Parameter) -> JSONTree {
    [
      "name": .text(parameter.name), "in": "query", "required": .truth(false),
      "description": .text(parameter.about), "schema": ["type": .text(parameter.type)],
      "allowEmptyValue": .truth(parameter.type == "boolean"),
    ]
  }

  private static func pathParameters(_ path: String) -> [JSONTree] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
      [
        "name": .text(String(part.dropFirst().dropLast())), "in": "path", "required": .truth(true),
        "schema": ["type": "string"],
      ]
    }
  }

  /// An answer is a media type, or JSON of a schema.
  private static func content(_ answer: String) -> JSONTree {
    if answer == "application/json" { return ["application/json": ["schema": ["type": "object"]]] }
    if answer.contains("/") { return .object([answer: ["schema": ["type": "string"]]]) }
    return ["application/json": ["schema": APISchema.type(answer)]]
  }
}
