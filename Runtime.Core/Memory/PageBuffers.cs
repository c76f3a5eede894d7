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
        if (!budget.TryTake(1))
        {
            return null;
        }

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
