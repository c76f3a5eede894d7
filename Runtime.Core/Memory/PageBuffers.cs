using System.Runtime.InteropServices;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Buffers of one page for copies put aside; each counts as a page of the budget.</summary>
/// <remarks>Thread safe. Native memory, so that a fault neither allocates on the heap nor moves anything.</remarks>
internal sealed unsafe class PageBuffers(MemoryBudget budget) : IDisposable
{
    private const int MostSpare = 256;

    private readonly Lock _lock = new();                            // guards the fields below
    private byte* _spare;                                           // each begins with the address of the next
    private int _spareCount;
    private bool _isDisposed;

    ~PageBuffers()
    {
        FreeSpare();
    }

    /// <summary>A buffer of undefined content, or null if neither the budget nor the system has a page.</summary>
    internal byte* TryRent()
    {
        return budget.TryTake(1) ? TryRentPaid() : null;
    }

    /// <summary>A buffer even if the budget has no page, for who gives memory back with it.</summary>
    /// <exception cref="KernelException">The system has none.</exception>
    internal byte* RentOverdrawn()
    {
        budget.Overdraw(1);
        byte* buffer = TryRentPaid();
        return buffer is not null
            ? buffer
            : throw new KernelException(Status.NoResources, "the system has no memory for the copy of a page");
    }

    internal void Return(byte* buffer)
    {
        budget.Give(1);
        lock (_lock)
        {
            if (!_isDisposed && _spareCount < MostSpare)
            {
                *(byte**)buffer = _spare;
                _spare = buffer;
                _spareCount++;
                return;
            }
        }

        NativeMemory.AlignedFree(buffer);
    }

    public void Dispose()
    {
        FreeSpare();
        GC.SuppressFinalize(this);
    }

    private byte* TryRentPaid()
    {
        lock (_lock)
        {
            if (_spare is not null)
            {
                byte* buffer = _spare;
                _spare = *(byte**)buffer;
                _spareCount--;
                return buffer;
            }
        }

        try
        {
            return (byte*)NativeHeap.AlignedAlloc(PageNumber.Size, PageNumber.Size);
        }
        catch (OutOfMemoryException)
        {
            budget.Give(1);
            return null;
        }
    }

    private void FreeSpare()
    {
        lock (_lock)
        {
            _isDisposed = true;
            while (_spare is not null)
            {
                byte* next = *(byte**)_spare;
                NativeMemory.AlignedFree(_spare);
                _spare = next;
            }
        }
    }
}
