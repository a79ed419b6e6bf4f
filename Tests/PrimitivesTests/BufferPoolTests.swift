import Primitives
import Testing

struct BufferPoolTests {
  private func filled(_ count: Int) -> ByteBuffer { ByteBuffer(zeroed: count) }

  private enum State { case full, empty, withoutHeap }

  private func state(_ buffer: borrowing ByteBuffer) -> State {
    buffer.count > 0 ? .full : buffer.hasHeap ? .empty : .withoutHeap
  }

  @Test func `heap that was given is taken again, empty`() {
    let pool = BufferPool()
    var buffer = filled(100)
    pool.give(&buffer)
    #expect(state(buffer) == .withoutHeap)
    #expect(pool.count == 1)
    #expect(state(pool.take()) == .empty)
    #expect(pool.count == 0)
    #expect(state(pool.take()) == .withoutHeap)
  }

  @Test func `neither much nor many are kept`() {
    let pool = BufferPool(limit: 2, keptBytes: 64)
    var large = filled(65)
    pool.give(&large)
    var none = ByteBuffer()
    pool.give(&none)
    #expect(pool.count == 0)
    for _ in 0..<3 {
      var small = filled(64)
      pool.give(&small)
      #expect(state(small) == .withoutHeap)
    }
    #expect(pool.count == 2)
  }
}
