namespace Runtime.Core.Loci;

/// <summary>
/// Code in step style: does a piece of work and says what comes next. It is called again for the next piece, so
/// whatever must outlive the piece stands in registers, in the resume point and in containers.
/// </summary>
/// <param name="locus">The executing locus; only for the time of the call.</param>
public delegate Step StepEntry(StepContext locus);

/// <summary>
/// Code in direct style: an ordinary method that may invoke and go on afterwards. Its thread and stack belong to the
/// locus until it returns.
/// </summary>
/// <param name="locus">The executing locus; only for the time of the call.</param>
public delegate void DirectEntry(DirectContext locus);
