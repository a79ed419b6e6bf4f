internal import CSSL

/// Notes whose certificate is not believed; the library's verdict stands.
func noteRefused(_ isGood: Int32, _ store: OpaquePointer?) -> Int32 {
  guard isGood == 0, let store = unsafe store,
    let found = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
    let pointer = unsafe cssl_session_pointer(OpaquePointer(found)),
    let certificate = unsafe X509_STORE_CTX_get_current_cert(store)
  else { return isGood }
  let session = unsafe Unmanaged<TLSSession>.fromOpaque(pointer).takeUnretainedValue()
  session.peerSubject = unsafe Certificate.subject(of: certificate)
  return isGood
}
