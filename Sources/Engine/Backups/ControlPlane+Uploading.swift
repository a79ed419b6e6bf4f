import AdminAPI
import Configuration
import EventLoop
import Primitives
import Store

/// A backup that comes from outside, to be restored.
extension ControlPlane {
  func beginRestore() async -> AdminAnswer {
    if let upload = backups.upload, upload.isWriting {
      return .error(409, "conflict", "another backup is being sent")
    }
    forgetUpload()
    backups.latestUpload += 1
    let id = backups.latestUpload
    backups.upload = .init(
      id: id, path: BackupFolder.draft(.upload, state: loaded.settings.state.path) + "-\(id)",
      touched: Clock.now)
    watchUpload(id)
    return .json(RestoreUpload(id: id, received: 0), status: 201)
  }

  func takePiece(_ name: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let upload = upload(name) else { return .notFound("restore \(name)") }
    let bytes = request.body
    guard !upload.isWriting,
      number(request, "offset", default: -1, in: 0...Int.max)
        .map(Int64.init) == upload.received
    else {
      return .error(409, "conflict", "\(upload.received) bytes are there: send what follows them")
    }
    guard upload.received <= BackupPieces.limit - Int64(bytes.count) else {
      return .error(413, "too-large", "a backup may have \(BackupPieces.limit) bytes")
    }
    backups.upload?.isWriting = true
    do throws(StoreError) {
      let (offset, path) = (upload.received, upload.path)
      try await apart { () throws(StoreError) in
        try BackupPieces.write(bytes, at: offset, to: path)
      }
    } catch {
      backups.upload?.isWriting = false
      return .error(503, "unavailable", "the backup cannot be taken: \(error)")
    }
    backups.upload?.isWriting = false
    backups.upload?.received += Int64(bytes.count)
    backups.upload?.touched = Clock.now
    return .json(RestoreUpload(id: upload.id, received: upload.received + Int64(bytes.count)))
  }

  func dropRestore(_ name: String) -> AdminAnswer {
    guard let upload = upload(name) else { return .notFound("restore \(name)") }
    // What is being written would make the file anew, and count as the next one's.
    guard !upload.isWriting else {
      return .error(409, "conflict", "a piece of it is being written: try again")
    }
    forgetUpload()
    return .json(RestoreUpload(id: upload.id, received: upload.received))
  }

  func upload(_ name: String) -> BackupKeeping.Upload? {
    backups.upload.flatMap { "\($0.id)" == name ? $0 : nil }
  }

  func forgetUpload() {
    if let path = backups.upload?.path { BackupPieces.remove(path) }
    backups.upload = nil
  }

  /// Looks until it is used, or was left alone for too long.
  private func watchUpload(_ id: Int) {
    reactor.schedule(after: BackupKeeping.uploadPatience) {
      guard let upload = self.backups.upload, upload.id == id else { return }
      let isLeft = Clock.now - upload.touched >= BackupKeeping.uploadPatience
      guard isLeft, !self.backups.isRestoring else { return self.watchUpload(id) }
      self.forgetUpload()
    }
  }
}
