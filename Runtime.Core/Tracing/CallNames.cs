namespace Runtime.Core.Tracing;

/// <summary>
/// The calls as the interface document writes them: the names of the methods in small letters, with underscores.
/// </summary>
internal static class CallNames
{
    internal const string CloneContainer = "clone_container";
    internal const string CloseContainer = "close_container";
    internal const string CommitTogether = "commit_together";
    internal const string ContainerAdvised = "container_advised";
    internal const string ContainerDestroyed = "container_destroyed";
    internal const string ContainerFault = "container_fault";
    internal const string ContainerResize = "container_resize";
    internal const string ContainerSnapshot = "container_snapshot";
    internal const string ContainerStabiliseRequest = "container_stabilise_request";
    internal const string ContRollback = "cont_rollback";
    internal const string DiscardVersions = "discard_versions";
    internal const string GetRootPage = "get_root_page";
    internal const string History = "history";
    internal const string InvokeNoSupport = "invoke_no_support";
    internal const string LcdBeginWriteback = "lcd_begin_writeback";
    internal const string LcdEndWriteback = "lcd_end_writeback";
    internal const string LcdInstall = "lcd_install";
    internal const string LcdProtect = "lcd_protect";
    internal const string LcdRead = "lcd_read";
    internal const string LcdRemove = "lcd_remove";
    internal const string LcdScanDirty = "lcd_scan_dirty";
    internal const string ManageRequest = "manage_request";
    internal const string MapRootPage = "map_root_page";
    internal const string OpenContainer = "open_container";
    internal const string PageDiscard = "page_discard";
    internal const string PageSetCreate = "page_set_create";
    internal const string PageSetTake = "page_set_take";
    internal const string QualityOfService = "quality_of_service";
    internal const string RestoreContainer = "restore_container";
    internal const string SetManager = "set_manager";
    internal const string SnapshotAbandoned = "snapshot_abandoned";
    internal const string SnapshotDiscard = "snapshot_discard";
    internal const string SnapshotIsRecoverable = "snapshot_is_recoverable";
    internal const string SnapshotRequest = "snapshot_request";
    internal const string StateIntervalQuery = "state_interval_query";
    internal const string StateIntervalStable = "state_interval_stable";

    /// <summary>All of them, sorted.</summary>
    internal static IReadOnlyList<string> All { get; } =
    [
        CloneContainer, CloseContainer, CommitTogether, ContRollback, ContainerAdvised, ContainerDestroyed,
        ContainerFault, ContainerResize, ContainerSnapshot, ContainerStabiliseRequest, DiscardVersions, GetRootPage,
        History, InvokeNoSupport, LcdBeginWriteback, LcdEndWriteback, LcdInstall, LcdProtect, LcdRead, LcdRemove,
        LcdScanDirty, ManageRequest, MapRootPage, OpenContainer, PageDiscard, PageSetCreate, PageSetTake,
        QualityOfService, RestoreContainer, SetManager, SnapshotAbandoned, SnapshotDiscard, SnapshotIsRecoverable,
        SnapshotRequest, StateIntervalQuery, StateIntervalStable,
    ];
}
