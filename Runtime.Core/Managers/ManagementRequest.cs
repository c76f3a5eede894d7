using System.Buffers.Binary;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Core.Managers;

/// <summary>Somebody wants a manager to look after a container (<c>manage_request</c>).</summary>
/// <remarks>For the time of the upcall. Source: docs/semantics.md, "The manager's upcalls".</remarks>
public readonly ref struct ManagementRequest
{
    private const uint Call = 0x6E616D;                             // "man": tells such a block from any other
    private const int BlockSize = sizeof(uint) + sizeof(ulong);
    private const int AnswerSize = sizeof(int) + sizeof(byte);

    private readonly ContainerEntity _container;
    private readonly string _name;

    internal ManagementRequest(Manager manager, string name, ContainerEntity container)
    {
        Manager = manager;
        _name = name;
        _container = container;
    }

    /// <summary>Which container; its manager is the one that it has now.</summary>
    public ContainerRecord Container => _container.Record;

    /// <summary>Who is asked.</summary>
    internal Manager Manager { get; }

    /// <summary>
    /// The argument block of an invocation of a manager's container (<see cref="Kernel.GetManagerCapability"/>).
    /// </summary>
    /// <param name="container">
    /// A capability with <see cref="KernelRights.SetManager"/>, in the table of the locus that invokes: a CapRef of
    /// its container would mean something else there.
    /// </param>
    public static byte[] Encode(CapRef container)
    {
        var block = new byte[BlockSize];
        BinaryPrimitives.WriteUInt32LittleEndian(block, Call);
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(sizeof(uint)), container.ToUInt64());
        return block;
    }

    /// <summary>Reads the block that such an invocation returns.</summary>
    /// <param name="block">What came.</param>
    /// <param name="success">Whether the manager has taken the container on.</param>
    /// <returns>As <see cref="SystemCalls.ManageRequest"/>.</returns>
    /// <exception cref="ArgumentException">It is no such block.</exception>
    public static Status Decode(ReadOnlySpan<byte> block, out bool success)
    {
        if (block.Length != AnswerSize)
        {
            throw new ArgumentException(
                $"a manager answers with {AnswerSize} bytes, and these are {block.Length}", nameof(block));
        }

        success = block[sizeof(int)] != 0;
        return (Status)BinaryPrimitives.ReadInt32LittleEndian(block);
    }

    internal static bool TryReadBlock(ReadOnlySpan<byte> block, out CapRef container)
    {
        bool isRequest = block.Length == BlockSize && BinaryPrimitives.ReadUInt32LittleEndian(block) == Call;
        container = isRequest
            ? CapRef.FromUInt64(BinaryPrimitives.ReadUInt64LittleEndian(block[sizeof(uint)..]))
            : default;
        return isRequest;
    }

    internal static void WriteAnswer(Span<byte> block, Status status, bool success)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block, (int)status);
        block[sizeof(int)] = success ? (byte)1 : (byte)0;
    }

    internal static int AnswerLength => AnswerSize;

    internal void Bind(Token? token) => _container.Kernel.SetManager(_container, _name, token);
}
