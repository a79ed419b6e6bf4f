/// A mounted control group hierarchy and this process's place in it.
struct ControlGroupMount {
  /// 1 or 2.
  let version: Int
  /// Of version 1: `cpu`, `memory` …
  let controllers: Set<String>
  /// The folder of this process's own group.
  let own: String

  /// From /proc/self/mountinfo (proc(5): `id parent device root mount-point options … - type
  /// source super-options`) and /proc/self/cgroup (`id:controllers:path`).
  static func all() -> [ControlGroupMount] {
    let places = (try? FileSystem.text(at: "/proc/self/cgroup")) ?? ""
    let mounts = (try? FileSystem.text(at: "/proc/self/mountinfo")) ?? ""
    return parse(mounts: mounts, places: places)
  }

  static func parse(mounts: String, places: String) -> [ControlGroupMount] {
    let places = places.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 ? (controllers: parts[1].split(separator: ","), path: parts[2]) : nil
    }
    return mounts.split(separator: "\n").compactMap { line -> ControlGroupMount? in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
        return nil
      }
      let (root, point, type) = (fields[3], fields[4], fields[dash + 1])
      guard type == "cgroup" || type == "cgroup2" else { return nil }
      let options = type == "cgroup" ? fields[dash + 3].split(separator: ",") : []
      let place = places.first { place in
        type == "cgroup2"
          ? place.controllers.isEmpty : place.controllers.contains(where: options.contains)
      }
      guard let place else { return nil }
      return ControlGroupMount(
        version: type == "cgroup2" ? 2 : 1, controllers: Set(options.map(String.init)),
        own: folder(point: point, root: root, path: place.path))
    }
  }

  /// In a container the mount shows only the part of the tree below `root`.
  private static func folder(point: Substring, root: Substring, path: Substring) -> String {
    var below = path
    if root != "/", path.hasPrefix(root) { below = path.dropFirst(root.count) }
    while below.hasSuffix("/") { below = below.dropLast() }
    return below.hasPrefix("/..") ? String(point) : String(point) + below
  }
}
