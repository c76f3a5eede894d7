using BenchmarkDotNet.Attributes;

namespace Runtime.Bench.Resident;

/// <summary>Eight bytes at a time, by offset.</summary>
public class EightBytes : ResidentMemory
{
    private const string Reading = "read 8 bytes";
    private const string Writing = "write 8 bytes";
    private const int Count = Bytes / sizeof(long);

    /// <inheritdoc cref="ResidentMemory.OpenMemoryMappedFile"/>
    [GlobalSetup(Targets = [nameof(ReadMapped), nameof(WriteMapped)])]
    public void SetUpMapped() => OpenMemoryMappedFile();

    /// <inheritdoc cref="ResidentMemory.OpenContainer"/>
    [GlobalSetup(Targets = [nameof(ReadView), nameof(WriteView)])]
    public void SetUpView() => OpenContainer();

    [Peer(Reading, "array", Count)]
    public long ReadArray()
    {
        long sum = 0;
        long[] array = Array;                                       // a local, or each round checks its bounds
        for (int index = 0; index < array.Length; index++)
        {
            sum += array[index];
        }

        return sum;
    }

    [Peer(Reading, "MemoryMappedViewAccessor", Count)]
    public long ReadMapped()
    {
        long sum = 0;
        for (long offset = 0; offset < Bytes; offset += sizeof(long))
        {
            sum += Accessor.ReadInt64(offset);
        }

        return sum;
    }

    [Peer(Reading, "Katydid", Count, Way = "accessor")]
    public long ReadView()
    {
        long sum = 0;
        for (long offset = 0; offset < Bytes; offset += sizeof(long))
        {
            sum += View.Read<long>(offset);
        }

        return sum;
    }

    [Peer(Writing, "array", Count)]
    public void WriteArray()
    {
        long[] array = Array;
        for (int index = 0; index < array.Length; index++)
        {
            array[index] = index;
        }
    }

    [Peer(Writing, "MemoryMappedViewAccessor", Count)]
    public void WriteMapped()
    {
        for (long offset = 0; offset < Bytes; offset += sizeof(long))
        {
            Accessor.Write(offset, offset);
        }
    }

    [Peer(Writing, "Katydid", Count, Way = "accessor")]
    public void WriteView()
    {
        for (long offset = 0; offset < Bytes; offset += sizeof(long))
        {
            View.Write(offset, offset);
        }
    }
}
