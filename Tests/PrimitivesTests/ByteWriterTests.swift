import Primitives
import Testing

@Suite struct ByteWriterTests {
  private func text(_ writer: borrowing ByteWriter) -> String {
    unsafe String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `all forms are written one behind the other`() {
    var writer = ByteWriter(capacity: 64)
    let source = Array("0123456789".utf8)
    writer.append("static ")
    writer.append(String("text "))
    writer.append(UInt8(ascii: "b"))
    writer.append(Array(" array ".utf8))
    writer.append(source.span, 3..<6)
    writer.append(source.span, 10..<10)
    unsafe source.withUnsafeBytes { unsafe writer.append($0) }
    #expect(text(writer) == "static text b array 3450123456789")
    #expect(writer.room == 64 - writer.count && !writer.overflowed)
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, -1, -10, 1_234_567_890, Int.max, Int.min])
  func `a decimal number is written as Swift writes it`(number: Int) {
    var writer = ByteWriter(capacity: 32)
    writer.append(decimal: number)
    #expect(text(writer) == String(number))
  }

  @Test(arguments: [
    0, 1, 9, 10, 15, 16, 255, 256, 0xDEAD_BEEF, 0x0123_4567_89AB_CDEF, UInt64.max,
  ])
  func `a hexadecimal number is written with and without padding`(number: UInt64) {
    var writer = ByteWriter(capacity: 32)
    writer.append(hexadecimal: number)
    let plain = String(number, radix: 16)
    #expect(text(writer) == plain)
    writer.removeAll()
    writer.append(hexadecimal: number, padded: true)
    #expect(text(writer) == String(repeating: "0", count: 16 - plain.count) + plain)
  }

  @Test func `what does not fit is dropped and noted`() {
    var writer = ByteWriter(capacity: 4)
    writer.append("1234")
    #expect(!writer.overflowed && writer.room == 0)
    writer.append(String(""))
    #expect(writer.overflowed == false)
    writer.append(UInt8(ascii: "5"))
    #expect(writer.overflowed && text(writer) == "1234")
    writer.removeAll()
    #expect(!writer.overflowed && writer.count == 0)
    writer.append("12345")
    #expect(writer.overflowed && writer.count == 0)
    writer.append("12")
    #expect(writer.overflowed && text(writer) == "12")
  }

  @Test func `a writer without room writes nothing`() {
    var writer = ByteWriter(capacity: 0)
    writer.append(decimal: 7)
    writer.append(hexadecimal: 7)
    writer.append([7])
    #expect(writer.overflowed && writer.count == 0)
  }
}
