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

  @Test
  func `decimal numbers of every length are written as Swift writes them, with room and without`() {
    var random = SeededRandom(seed: 7)
    for length in 1...12 {
      for _ in 0..<200 {
        let most = (0..<length).reduce(1) { product, _ in product * 10 }
        let number = Int(random.next() % UInt64(most))
        let expected = String(number)
        for capacity in [expected.count, 32] {
          var writer = ByteWriter(capacity: capacity)
          writer.append(decimal: number)
          #expect(text(writer) == expected && !writer.overflowed)
        }
      }
    }
  }

  @Test(arguments: [0, 7, 42, 999, 1_000, 123_456, -5, Int.min])
  func `three digits are the last ones of a number`(number: Int) {
    let last = String(number.magnitude % 1_000)
    for capacity in [3, 8] {
      var writer = ByteWriter(capacity: capacity)
      writer.append(threeDigits: number)
      #expect(text(writer) == String(repeating: "0", count: 3 - last.count) + last)
    }
    var writer = ByteWriter(capacity: 2)
    writer.append(threeDigits: number)
    #expect(writer.overflowed == true)
  }

  @Test(arguments: [
    (0, "0.000"), (7, "0.007"), (999, "0.999"), (1_000, "1.000"), (12_345, "12.345"),
    (100_000, "100.000"),
    (99_999_999, "99999.999"), (100_000_000, "100000.000"), (12_345_678_901, "12345678.901"),
  ])
  func `thousandths have a point before their last three digits`(number: Int, expected: String) {
    for capacity in [expected.count, 32] {
      var writer = ByteWriter(capacity: capacity)
      writer.append(thousandths: number)
      #expect(text(writer) == expected && !writer.overflowed)
    }
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
