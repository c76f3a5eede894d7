using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Native.Windows;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Memory;

/// <summary>Asks the system how much memory a container has, instead of believing the kernel's account.</summary>
internal static unsafe class AllocatedPages
{
    internal static long Count(Container container)
    {
        Section section = container.Memory.Section;
        long pages = PageNumber.CountFor(container.Length);
        long count = 0;
        if (section is WindowsSection windows)
        {
            for (long chunk = 0; chunk < pages / Chunk.Pages; chunk++)
            {
                count += windows.ChunksUnsynchronized.Find(chunk) is null ? 0 : Chunk.Pages;
            }

            return count;
        }

        for (long page = 0; page < pages; page++)
        {
            count += Helpers.kh_is_resident(section.PageAddress(page));
        }

        return count;
    }
}
