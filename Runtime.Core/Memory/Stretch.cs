namespace Runtime.Core.Memory;

/// <summary>Pages of a window, and the pages of a container that they show.</summary>
/// <param name="WindowPage">The first, from the window's first.</param>
/// <param name="Count">How many.</param>
/// <param name="Owner">Whose pages they show.</param>
/// <param name="Page">The first, from the owner's first.</param>
/// <param name="IsReadOnly">Whether a mapping on the way allows reading only.</param>
internal readonly record struct Stretch(
    long WindowPage, long Count, ContainerMemory Owner, long Page, bool IsReadOnly)
{
    /// <summary>Some of the pages, counted from the owner's first.</summary>
    internal Stretch Part(long page, long count) =>
        this with { WindowPage = WindowPage + page - Page, Page = page, Count = count };

    /// <summary>Whether a page of the window shows the same in both.</summary>
    internal bool Agrees(Stretch other) => Owner == other.Owner
        && Page - WindowPage == other.Page - other.WindowPage
        && IsReadOnly == other.IsReadOnly;
}
