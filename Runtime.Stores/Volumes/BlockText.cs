using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Writes what stands in a block, as its kind has it.</summary>
internal static class BlockText
{
    private const int BytesPerLine = 16;

    public static void Write(TextWriter output, FoundBlock block, ReadOnlySpan<byte> bytes)
    {
        switch (block.Kind)
        {
            case BlockKind.Node:
                WriteNode(output, bytes);
                break;
            case BlockKind.Container when ContainerEntry.Decode(bytes) is { } container:
                WriteContainer(output, container);
                break;
            case BlockKind.Versions:
                WriteVersions(output, bytes);
                break;
            case BlockKind.DeadList:
                WriteDeadList(output, bytes);
                break;
            case BlockKind.Bitmap:
                ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
                int used = 0;
                foreach (ulong word in words)
                {
                    used += BitOperations.PopCount(word);
                }

                WriteField(output, "in use", used);
                WriteBytes(output, bytes);
                break;
            default:
                WriteBytes(output, bytes);
                break;
        }
    }

    public static void WriteField(TextWriter output, string name, object value) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-18} {value}"));

    /// <summary>Hexadecimal; lines like the one before are left out.</summary>
    public static void WriteBytes(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        bool isLeftOut = false;
        for (int offset = 0; offset < bytes.Length; offset += BytesPerLine)
        {
            ReadOnlySpan<byte> line = bytes.Slice(offset, BytesPerLine);
            if (offset > 0 && line.SequenceEqual(bytes.Slice(offset - BytesPerLine, BytesPerLine)))
            {
                if (!isLeftOut)
                {
                    output.WriteLine("  *");
                }

                isLeftOut = true;
                continue;
            }

            isLeftOut = false;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {offset:x4}  {Convert.ToHexStringLower(line)}"));
        }
    }

    public static string Text(this BlockPointer pointer) => pointer.IsHole
        ? "a hole"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{new BlockNumber(pointer.Block)}, birth {pointer.Birth}, checksum {pointer.Checksum:x8}");

    public static string Text(this TreeRoot root) =>
        root.IsEmpty ? "empty" : $"{root.Pointer.Text()}, height {root.Height}";

    private static void WriteNode(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            BlockPointer child = BlockPointer.Read(bytes[(slot * Format.Pointer.Size)..]);
            if (!child.IsHole)
            {
                WriteField(output, $"slot {slot}", child.Text());
            }
        }
    }

    private static void WriteContainer(TextWriter output, ContainerEntry container)
    {
        WriteField(output, "name", container.Name);
        WriteField(output, "manager", container.Manager);
        WriteField(output, "id", container.Id);
        WriteField(output, "deleted", container.IsDeleted);
        WriteField(output, "length", container.Length);
        WriteField(output, "highest interval", container.HighestInterval);
        WriteField(output, "versions", container.VersionCount);
        WriteField(output, "head", container.Head);
        WriteField(output, "version blocks", container.Versions.Text());
    }

    private static void WriteVersions(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < Format.ContainerVersion.PerBlock; i++)
        {
            ReadOnlySpan<byte> place = bytes.Slice(i * Format.ContainerVersion.Size, Format.ContainerVersion.Size);
            if (!VersionRecord.IsAny(place))
            {
                continue;
            }

            output.WriteLine($"  place {i}");
            if (VersionRecord.Decode(place, VersionId.None) is not { } version)
            {
                WriteField(output, "  damaged", "no writer makes such a version");
                continue;
            }

            WriteField(output, "  birth", version.Birth);
            WriteField(output, "  hidden", version.IsHidden);
            WriteField(output, "  time", version.Time.ToString("O", CultureInfo.InvariantCulture));
            WriteField(output, "  length", version.Length);
            WriteField(output, "  pages changed", version.PagesChanged);
            WriteField(output, "  map", version.Map.Text());
            WriteField(output, "  dead", $"{version.Dead.Count} from {version.Dead.First.Text()}");
            WriteField(output, "  parent", version.Parent);
            WriteField(output, "  first child", version.FirstChild);
            WriteField(output, "  next sibling", version.NextSibling);
            WriteField(output, "  previous sibling", version.PreviousSibling);
        }
    }

    private static void WriteDeadList(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[Format.DeadBlock.Count..]);
        WriteField(output, "next", BlockPointer.Read(bytes[Format.DeadBlock.Next..]).Text());
        WriteField(output, "entries", count);
        for (int i = 0; i < Math.Min(count, Format.DeadBlock.PerBlock); i++)
        {
            Span<byte> pointer = new byte[Format.Pointer.Size];
            bytes.Slice(Format.DeadBlock.Entries + (i * Format.DeadBlock.EntrySize), Format.DeadBlock.EntrySize)
                .CopyTo(pointer);
            BlockPointer entry = BlockPointer.Read(pointer);
            WriteField(output, $"entry {i}", $"{new BlockNumber(entry.Block)}, birth {entry.Birth}");
        }
    }
}
