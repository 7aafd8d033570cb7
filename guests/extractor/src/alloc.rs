#![expect(unsafe_code, reason = "an allocator implements an unsafe trait")]

use core::arch::wasm32;
use core::ptr;
use std::alloc::{GlobalAlloc, Layout};

use crate::heap::Heap;

const PAGE: usize = 64 * 1024;

/// Memory grows by as much as there is already, within these bounds: growing is a call of the host.
const MIN_STEP: usize = 1024 * 1024;
const MAX_STEP: usize = 64 * 1024 * 1024;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator { heap: Heap::new() };

struct Allocator {
    heap: Heap,
}

impl Allocator {
    /// Makes room for `size` bytes more; whether the host allowed it.
    fn grow(&self, size: usize) -> bool {
        let step = (wasm32::memory_size::<0>() * PAGE).clamp(MIN_STEP, MAX_STEP);
        self.grow_by(size.max(step)) || self.grow_by(size)
    }

    fn grow_by(&self, size: usize) -> bool {
        let pages = size.div_ceil(PAGE);
        let before = wasm32::memory_grow::<0>(pages);
        if before == usize::MAX {
            return false;
        }
        // The last page of the address space stays unused, so that the end is a number.
        let start = before * PAGE;
        self.heap.extend(start, start.saturating_add(pages * PAGE));
        true
    }
}

// SAFETY: `Heap` places blocks without overlap, aligned, and only in memory that the host has granted; a block changes
// its size in place only where nothing lies above it.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let place = || self.heap.place(layout.size(), layout.align());
        let start = place().or_else(|| {
            let room = layout.size().checked_add(layout.align())?;
            self.grow(room).then(place).flatten()
        });
        start.map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.heap.free(block.expose_provenance(), layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let start = block.expose_provenance();
        let resize = || self.heap.resize(start, layout.size(), new_size);
        let more = new_size.saturating_sub(layout.size());
        if resize() || (self.heap.is_topmost(start, layout.size()) && self.grow(more) && resize()) {
            return block;
        }
        // SAFETY: the caller guarantees that `new_size`, rounded up to the alignment, does not overflow.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: the caller guarantees a size above zero.
        let new_block = unsafe { self.alloc(new_layout) };
        if !new_block.is_null() {
            // SAFETY: both blocks are valid for that many bytes, and the new one overlaps no other.
            unsafe { ptr::copy_nonoverlapping(block, new_block, layout.size().min(new_size)) };
        }
        new_block
    }
}
